#pragma once

#include "engine/adapt/cycle_context.h"
#include "engine/adapt/level_attention.h"

#include <map>
#include <vector>

namespace hsa {

// The name under which an event of adjust carries the norm, and what is sound for it: less moves
// nothing, more is noise.
inline constexpr const char* kGradientReason = "gradient";
inline constexpr double kLeastGradient = 1e-10;
inline constexpr double kMostGradient = 1e4;

// One level's gradient steps and what became of them.
struct AdjustedLevel {
    LevelSplats splats;  // stepped when kept, as they were when undone
    bool kept = false;
    double before = 0.0;  // KL(T | A_l) on V
    double after = 0.0;   // of the stepped splats, kept or not
    double rate = 0.0;    // of the steps taken
    double near = 0.0;    // adapt.learning_rate of the level
    double next_rate = 0.0;
    double gradient = 0.0;  // largest norm of the steps taken: nats a unit step; may be no number
    std::vector<SplatId> moved;  // those that moved farthest, at most 8, farthest first
};

// Ten Adam steps on 64 fresh exact rows each, every level an attention of its own (adaptation.md
// 1). A level's steps are kept if its KL on V drops; else they are undone, its rate is halved and
// its moments are cleared. `rates` and `best` are those of the state, [levels]; `moments` is
// updated.
[[nodiscard]] std::vector<AdjustedLevel> adjust(const CycleContext& context,
                                                const SplatRegistry& registry,
                                                const std::vector<double>& rates,
                                                const std::vector<double>& best,
                                                std::map<SplatId, AdamMoments>& moments);

// The rate of the next cycle after steps of `rate` that were kept or undone.
[[nodiscard]] double next_rate(bool kept, double before, double after, double rate, double near);

// The rate of the next cycle after the cycle's events took a level's KL from `before` to `after`:
// the far one where that is more than steps gain once they are slow, else `rate`.
[[nodiscard]] double rate_after_events(double before, double after, double rate, double near);

// The splats that moved farthest, at most 8, farthest first.
[[nodiscard]] std::vector<SplatId> farthest(const LevelSplats& from, const LevelSplats& to);

// The rate a level starts with, and returns to when it is far from its best: 2.5 x
// adapt.learning_rate.
[[nodiscard]] double far_rate(double learning_rate);

}  // namespace hsa
