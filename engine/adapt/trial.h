#pragma once

#include "engine/adapt/propose.h"

#include <cstdint>
#include <vector>

namespace hsa {

// Standard errors added to the change before it is held against the limit (adaptation.md 4).
inline constexpr double kGrowthErrors = 1.0;
inline constexpr double kShrinkErrors = 2.0;

// What a trial found. `after` are the new splats as fitted; nothing else of the level moves.
struct TrialOutcome {
    bool accepted = false;
    double d = 0.0;                // weighted mean change of row-KL on the judging rows, nats
    double se = 0.0;               // its standard error
    double judged = 0.0;           // d + 1 se (growth) or d + 2 se (shrinkage) ...
    double threshold = 0.0;        // ... accepted below this
    double probe_change = 0.0;     // of KL(T | A_l) on V; 0 when the rows refused it already
    double probe_threshold = 0.0;  // accepted below this
    bool probed = false;
    std::vector<Splat> after;
    std::vector<std::uint32_t> tokens;  // by falling posterior mass through what changed
};

// Judges a proposal on rows drawn for it (adaptation.md 4): on half of them the new splats take
// eight Adam steps, on the other half the change of row-KL is weighed; a death is judged on all.
// `probe_kl` is KL(T | A_l) on V as the level is. `index` tells the trials of a cycle apart.
[[nodiscard]] TrialOutcome run_trial(const CycleContext& context, const Pool& pool,
                                     const LevelPool& level, const SplatRegistry& registry,
                                     const Proposal& proposal, double probe_kl,
                                     std::uint64_t index);

}  // namespace hsa
