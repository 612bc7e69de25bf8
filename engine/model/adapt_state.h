#pragma once

#include "engine/core/matrix.h"
#include "engine/model/event.h"
#include "engine/model/measures.h"
#include "engine/model/splat_registry.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hsa {

// Adam's running moments of every parameter of one splat (centre [d], ln precision [1 or d], ln w;
// those of a head: head_parameters).
struct AdamMoments {
    std::vector<float> first;
    std::vector<float> second;
    std::int32_t steps = 0;
    bool operator==(const AdamMoments&) const = default;
};

// Of splats that were fitted to a head: centre and ln precision of both sides [d] each, ln beta and
// ln w; and, under the id kNoSplat, what they have in common (HeadScale): the background's ln w,
// kappa, the offset and kappa_query.
[[nodiscard]] constexpr std::size_t head_parameters(std::size_t dimension) {
    return 4 * dimension + 2;
}
inline constexpr std::size_t kHeadParameters = 4;

// A refused proposal rests: (kind, sorted ids) -> the cycle it may return, and the next rest.
struct Cooldown {
    std::int32_t until = 0;
    std::int32_t rest = 4;
    bool operator==(const Cooldown&) const = default;
};
using ProposalKey = std::pair<EventKind, std::vector<SplatId>>;

// What the data looked like under the splats as they are, against which the next cycle's are held
// (adapt/shift.h).
struct SeenData {
    std::vector<Covered> levels;   // [levels]; empty: not known
    std::vector<double> drift;     // [levels] change of the mean over data that were no shift ...
    std::vector<double> variance;  // ... and the variance of that sum
    std::uint64_t registry_hash = 0;  // whose splats covered them so
    double temperature = 1.0;
    bool operator==(const SeenData&) const = default;
};

// Adaptive thresholds, by kind in the order of a cycle: death, merge, mitosis, birth
// (adapt/thresholds.h).
struct KindThresholds {
    std::array<double, 4> factor{1.0, 1.0, 1.0, 1.0};  // of lambda
    std::array<std::optional<double>, 4> accepted;     // a cycle of trials, smoothed; none yet
    bool operator==(const KindThresholds&) const = default;
};

// What a splat is to a text (adapt/signals.h).
struct SplatSignal {
    float usage = 0.0F;
    float error_share = 0.0F;
    bool operator==(const SplatSignal&) const = default;
};
struct PastSignals {
    std::vector<SplatSignal> texts;  // those before, oldest first, at most ten
    std::optional<SplatSignal> now;  // the one at hand, as last measured
    bool operator==(const PastSignals&) const = default;
};

// The share of a splat that a parent has, remembered over the cycles (adapt/paths.h).
struct PathShare {
    SplatId parent = kNoSplat;
    float share = 0.0F;
    bool operator==(const PathShare&) const = default;
};

// Everything the next cycle depends on besides data, settings and seed: one immutable value.
struct AdaptState {
    std::shared_ptr<const SplatRegistry> registry;
    std::map<SplatId, AdamMoments> moments;
    std::vector<double> learning_rate;         // [levels], current
    std::vector<double> best_kl;               // [levels], best level row-KL on V so far
    std::vector<std::size_t> starting_splats;  // [levels], at cycle 0: bounds how far a level grows
    std::map<ProposalKey, Cooldown> cooldowns;
    std::int32_t cycle = 0;
    SeenData seen;
    std::int32_t structure_at = 0;  // the last cycle whose trials ran
    std::int32_t shift_at = 0;      // the last cycle that found other data
    KindThresholds thresholds;
    std::map<SplatId, PastSignals> signals;
    std::map<SplatId, std::vector<PathShare>> paths;  // falling; with levels.memory alone
    std::map<SplatId, SplatId> held_parents;          // chosen by hand (adapt/held_parents.h)
};

// Measures of a cycle that the timeline plots, kept for every cycle.
struct CycleMeasures {
    std::vector<std::string> level_names;  // of the registry it measured, finest first
    std::vector<std::size_t> splats;       // [levels]
    std::vector<double> usage;             // [levels]
    std::vector<double> level_row_kl;      // [levels], of A_l on W; empty without a target
    double row_kl = 0.0;                   // joint, on W; NaN without a target
    double objective = 0.0;
    double entropy = 0.0;
    double information = 0.0;
    double gain_adjust = 0.0;     // change of the objective by adjust in this cycle
    double gain_structure = 0.0;  // and by accepted structural events
    std::optional<double> shift;  // z of the data against those before (adapt/shift.h)
    bool structure = true;        // whether structural trials were due

    // Place of a level's numbers, where the registry of that cycle had it.
    [[nodiscard]] std::optional<std::size_t> level_of(std::string_view name) const {
        for (std::size_t l = 0; l < level_names.size(); ++l)
            if (level_names[l] == name) return l;
        return std::nullopt;
    }
};

}  // namespace hsa
