#pragma once

#include "app/views/view.h"
#include "engine/model/event.h"

#include <optional>
#include <string>
#include <vector>

namespace splatscope {

// A lane of the timeline: a level that some cycle had, or a kind of event.
struct TimelineLane {
    std::string name;
    Colour colour;  // of its name
    std::optional<hsa::EventKind> kind;
};

// By timeline.lanes, from above: the levels, or the kinds that change structure and those others
// that the history has; adjust last.
[[nodiscard]] std::vector<TimelineLane> timeline_lanes(const ViewContext& context);
// The lane of an event; nothing for what no lane shows.
[[nodiscard]] std::optional<std::size_t> lane_of(const std::vector<TimelineLane>& lanes,
                                                 const hsa::Event& event);

}  // namespace splatscope
