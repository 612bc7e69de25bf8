#pragma once

#include "engine/model/event.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace splatscope {

// One event that the timeline shows, in one lane.
struct LaneEvent {
    std::size_t index = 0;  // in the flat list of all events
    hsa::EventKind kind = hsa::EventKind::adjust;
    bool accepted = true;
    std::int32_t cycle = 0;
    float x = 0.0F;  // of its cycle
};

// Events of one kind that share a shape: one event, or several with their number beside it.
struct LaneMark {
    std::vector<std::size_t> events;  // flat indices, rising
    hsa::EventKind kind = hsa::EventKind::adjust;
    bool accepted = true;
    std::int32_t first_cycle = 0, last_cycle = 0;
    float x = 0.0F;      // of the middle of the shape
    float width = 0.0F;  // with the number, from the left end of the shape
};

// The words beside a mark: "3" for three events, nothing for one.
[[nodiscard]] std::string count_beside(const LaneMark& mark);

// The marks of a lane, from the left, none touching the next: every cycle's events stand from its x
// to the right, each by itself while there is room before the next cycle; else events of a kind
// become one mark with their number, and cycles whose marks would still touch are taken together at
// the first one's x. `events` rise by cycle; `size` is a shape's width, `text_width` measures a
// number.
[[nodiscard]] std::vector<LaneMark> fold_lane(
    std::span<const LaneEvent> events, float size,
    const std::function<float(const std::string&)>& text_width);

// One mark a cycle, its events under it, where those of a lane are all alike.
[[nodiscard]] std::vector<LaneMark> one_a_cycle(std::span<const LaneEvent> events, float size);

}  // namespace splatscope
