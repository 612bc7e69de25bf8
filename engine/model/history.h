#pragma once

#include "engine/model/adapt_state.h"

#include <memory>
#include <vector>

namespace hsa {

// One finished cycle: its events in order (accepted and refused) and its numbers. `state` is set
// for the last 32 cycles and every 32nd; elsewhere the registry follows from the deltas.
struct Cycle {
    std::int32_t number = 0;
    std::vector<Event> events;
    CycleMeasures measures;
    std::shared_ptr<const AdaptState> state;
    std::uint64_t registry_hash = 0;
};

// All cycles from 0 (whose one event is the initialisation) to the last, append-only; versions
// share the cycles before them.
struct History {
    std::vector<std::shared_ptr<const Cycle>> cycles;

    [[nodiscard]] std::int32_t last() const { return static_cast<std::int32_t>(cycles.size()) - 1; }
    // Index of the first event of a cycle in the flat list of all events.
    [[nodiscard]] std::size_t event_count(std::int32_t up_to_cycle) const;
    // The event of that flat index; throws Error when there is none.
    [[nodiscard]] const Event& event(std::size_t index) const;
};

// The last cycle that has its whole state: a .run can end with it. Cycle 0 always has.
[[nodiscard]] std::int32_t last_whole(const History& history);

// The registry after cycle `cycle`, from the nearest whole state before it and the deltas since.
[[nodiscard]] std::shared_ptr<const SplatRegistry> registry_at(const History& history,
                                                               std::int32_t cycle);

}  // namespace hsa
