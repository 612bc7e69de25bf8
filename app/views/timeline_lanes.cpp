#include "app/views/timeline_lanes.h"

#include "app/views/view_names.h"

#include <algorithm>
#include <array>
#include <set>

namespace splatscope {
namespace {

constexpr std::array kAlways = {hsa::EventKind::mitosis, hsa::EventKind::merge,
                                hsa::EventKind::birth, hsa::EventKind::death};

bool is_shown(hsa::EventKind kind) {
    return kind != hsa::EventKind::initialise && kind != hsa::EventKind::open;
}

}  // namespace

std::vector<TimelineLane> timeline_lanes(const ViewContext& context) {
    std::vector<TimelineLane> lanes;
    if (context.session.desk.timeline.lanes == TimelineLanes::level) {
        for (const HistoryLevel& level : levels_over_time(context.snapshot))
            lanes.push_back({level.name, level.colour(context.theme), std::nullopt});
        return lanes;
    }
    std::set<hsa::EventKind> others;
    if (context.snapshot.history)
        for (const auto& cycle : context.snapshot.history->cycles)
            for (const hsa::Event& event : cycle->events)
                if (event.accepted && is_shown(event.kind)) others.insert(event.kind);
    const auto add = [&](hsa::EventKind kind) {
        lanes.push_back({hsa::name_of(kind), context.theme.secondary, kind});
        others.erase(kind);
    };
    const bool adjusts = others.erase(hsa::EventKind::adjust) > 0;
    for (const hsa::EventKind kind : kAlways) add(kind);
    while (!others.empty()) add(*others.begin());
    if (adjusts) add(hsa::EventKind::adjust);
    return lanes;
}

std::optional<std::size_t> lane_of(const std::vector<TimelineLane>& lanes,
                                   const hsa::Event& event) {
    if (!is_shown(event.kind)) return std::nullopt;
    const auto its = std::find_if(lanes.begin(), lanes.end(), [&](const TimelineLane& lane) {
        return lane.kind ? *lane.kind == event.kind : lane.name == event.level_name;
    });
    if (its == lanes.end()) return std::nullopt;
    return static_cast<std::size_t>(its - lanes.begin());
}

}  // namespace splatscope
