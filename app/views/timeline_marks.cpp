#include "app/views/timeline_marks.h"

#include <algorithm>
#include <utility>

namespace splatscope {
namespace {

constexpr float kBetween = 3.0F;  // pixels between two marks
constexpr float kToCount = 1.0F;  // from a shape to its number

// Events of neighbouring cycles that stand together.
struct Group {
    std::vector<LaneEvent> events;
    bool folded = false;  // one mark a kind
};

std::vector<LaneMark> marks_of(const Group& group, float size,
                               const std::function<float(const std::string&)>& text_width) {
    std::vector<LaneMark> marks;
    for (const LaneEvent& event : group.events) {
        const auto same = std::find_if(marks.begin(), marks.end(), [&](const LaneMark& mark) {
            return group.folded && mark.kind == event.kind && mark.accepted == event.accepted;
        });
        if (same != marks.end()) {
            same->events.push_back(event.index);
            same->last_cycle = event.cycle;
            continue;
        }
        LaneMark mark;
        mark.events = {event.index};
        mark.kind = event.kind;
        mark.accepted = event.accepted;
        mark.first_cycle = mark.last_cycle = event.cycle;
        marks.push_back(std::move(mark));
    }
    float left = group.events.front().x - 0.5F * size;
    for (LaneMark& mark : marks) {
        const std::string count = count_beside(mark);
        mark.x = left + 0.5F * size;
        mark.width = size + (count.empty() ? 0.0F : kToCount + text_width(count));
        left += mark.width + kBetween;
    }
    return marks;
}

float end_of(const std::vector<LaneMark>& marks, float size) {
    return marks.back().x - 0.5F * size + marks.back().width;
}

}  // namespace

std::string count_beside(const LaneMark& mark) {
    return mark.events.size() > 1 ? std::to_string(mark.events.size()) : std::string();
}

std::vector<LaneMark> one_a_cycle(std::span<const LaneEvent> events, float size) {
    std::vector<LaneMark> marks;
    for (const LaneEvent& event : events) {
        if (marks.empty() || marks.back().last_cycle != event.cycle ||
            marks.back().accepted != event.accepted) {
            LaneMark mark;
            mark.kind = event.kind;
            mark.accepted = event.accepted;
            mark.first_cycle = mark.last_cycle = event.cycle;
            mark.x = event.x;
            mark.width = size;
            marks.push_back(std::move(mark));
        }
        marks.back().events.push_back(event.index);
    }
    return marks;
}

std::vector<LaneMark> fold_lane(std::span<const LaneEvent> events, float size,
                                const std::function<float(const std::string&)>& text_width) {
    std::vector<Group> groups;
    for (const LaneEvent& event : events) {
        const bool same_cycle = !groups.empty() && groups.back().events.back().cycle == event.cycle;
        if (!same_cycle) groups.emplace_back();
        groups.back().events.push_back(event);
    }
    std::vector<LaneMark> all;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        Group group = groups[g];
        std::vector<LaneMark> marks = marks_of(group, size, text_width);
        const auto next_begins = [&] { return groups[g + 1].events.front().x - 0.5F * size; };
        while (g + 1 < groups.size() && end_of(marks, size) + kBetween > next_begins()) {
            if (!std::exchange(group.folded, true)) {
                marks = marks_of(group, size, text_width);
                continue;
            }
            ++g;
            group.events.insert(group.events.end(), groups[g].events.begin(),
                                groups[g].events.end());
            marks = marks_of(group, size, text_width);
        }
        all.insert(all.end(), marks.begin(), marks.end());
    }
    return all;
}

}  // namespace splatscope
