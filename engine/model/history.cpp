#include "engine/model/history.h"

#include "engine/core/error.h"

#include <algorithm>

namespace hsa {

std::size_t History::event_count(std::int32_t up_to_cycle) const {
    std::size_t count = 0;
    for (std::int32_t c = 0; c <= std::min(up_to_cycle, last()); ++c)
        count += cycles[static_cast<std::size_t>(c)]->events.size();
    return count;
}

const Event& History::event(std::size_t index) const {
    std::size_t left = index;
    for (const auto& cycle : cycles) {
        if (left < cycle->events.size()) return cycle->events[left];
        left -= cycle->events.size();
    }
    fail("There is no event {}: there are {}, counted from 0.", index, event_count(last()));
}

std::int32_t last_whole(const History& history) {
    std::int32_t cycle = history.last();
    while (cycle > 0 && !history.cycles[static_cast<std::size_t>(cycle)]->state) --cycle;
    return cycle;
}

std::shared_ptr<const SplatRegistry> registry_at(const History& history, std::int32_t cycle) {
    if (cycle < 0 || cycle > history.last())
        fail("There is no cycle {}: the history has cycles 0 to {}.", cycle, history.last());
    std::int32_t whole = cycle;
    while (whole >= 0 && !history.cycles[static_cast<std::size_t>(whole)]->state) --whole;
    if (whole < 0) fault("a history without a whole first cycle");
    const auto& state = history.cycles[static_cast<std::size_t>(whole)]->state;
    if (whole == cycle) return state->registry;
    auto registry = std::make_shared<SplatRegistry>(*state->registry);
    for (std::int32_t c = whole + 1; c <= cycle; ++c)
        for (const Event& event : history.cycles[static_cast<std::size_t>(c)]->events)
            if (event.accepted) apply(event.delta, *registry);
    return registry;
}

}  // namespace hsa
