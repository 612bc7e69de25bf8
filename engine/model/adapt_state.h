#pragma once

#include "engine/core/matrix.h"
#include "engine/model/event.h"
#include "engine/model/measures.h"
#include "engine/model/splat_registry.h"

#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace hsa {

// Adam's running moments of every parameter of one splat (centre [d], ln precision [1 or d], ln w).
struct AdamMoments {
    std::vector<float> first;
    std::vector<float> second;
    std::int32_t steps = 0;
    bool operator==(const AdamMoments&) const = default;
};

// A refused proposal rests: (kind, sorted ids) -> the cycle it may return, and the next rest.
struct Cooldown {
    std::int32_t until = 0;
    std::int32_t rest = 4;
    bool operator==(const Cooldown&) const = default;
};
using ProposalKey = std::pair<EventKind, std::vector<SplatId>>;

// Everything the next cycle depends on besides data, settings and seed: one immutable value.
struct AdaptState {
    std::shared_ptr<const SplatRegistry> registry;
    std::map<SplatId, AdamMoments> moments;
    std::vector<double> learning_rate;         // [levels], current
    std::vector<double> best_kl;               // [levels], best level row-KL on V so far
    std::vector<std::size_t> starting_splats;  // [levels], at cycle 0: bounds how far a level grows
    std::map<ProposalKey, Cooldown> cooldowns;
    std::int32_t cycle = 0;
};

// Measures of a cycle that the timeline plots, kept for every cycle.
struct CycleMeasures {
    std::vector<std::size_t> splats;   // [levels]
    std::vector<double> usage;         // [levels]
    std::vector<double> level_row_kl;  // [levels], of A_l on W; empty without a target
    double row_kl = 0.0;               // joint, on W; NaN without a target
    double objective = 0.0;
    double entropy = 0.0;
    double information = 0.0;
    double gain_adjust = 0.0;     // change of the objective by adjust in this cycle
    double gain_structure = 0.0;  // and by accepted structural events
};

}  // namespace hsa
