#pragma once

#include "engine/attention/target.h"
#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/model/adapt_state.h"
#include "engine/model/coordinates.h"
#include "engine/model/factors.h"
#include "engine/model/history.h"
#include "engine/model/measures.h"
#include "engine/model/settings.h"

#include <memory>

namespace hsa {

// What a cycle reads besides the state.
struct AdaptInput {
    const Dataset& dataset;
    const Coordinates& coordinates;
    std::shared_ptr<const Target> target;  // none: coverage mode
    AdaptSettings settings;
    std::uint64_t seed = 1;  // the splats': that of a head's fit; adapt.seed where there is none
    double temperature = 1.0;
    bool causal = false;                 // of attention, as of `target`
    NearOptions near = {};               // of splats fitted to a head: cycle 0 is measured with it
    Storage storage = Storage::float32;  // of the factors that a cycle is measured with
};

struct CycleResult {
    AdaptState state;
    std::vector<Event> events;  // in order; refused trials among them
    CycleMeasures measures;
    // Of the registry at its end, so that who shows it need not compute them again.
    std::shared_ptr<const Factors> factors;
    std::shared_ptr<const Measures> whole;
};

// Cycle 0 of a registry: state with empty moments and its measures.
[[nodiscard]] CycleResult begin_adaptation(Backend& backend, const AdaptInput& input,
                                           const std::shared_ptr<const SplatRegistry>& registry,
                                           const Work& work);

// One whole cycle: repair, adjust, measure, propose, trial, commit or leave (adaptation.md). A pure
// function of its arguments. Throws Cancelled, never half a cycle.
[[nodiscard]] CycleResult adapt_cycle(Backend& backend, const AdaptInput& input,
                                      const AdaptState& state, const Work& work);

}  // namespace hsa
