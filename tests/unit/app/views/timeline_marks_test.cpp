#include "app/views/timeline_marks.h"

#include "app/views/timeline_layout.h"
#include "tests/catch.h"

#include <algorithm>
#include <string>
#include <vector>

namespace splatscope {
namespace {

using hsa::EventKind;

constexpr float kSize = 11.0F;

float width_of(const std::string& count) { return 6.0F * static_cast<float>(count.size()); }

std::vector<LaneMark> folded(const std::vector<LaneEvent>& events) {
    return fold_lane(events, kSize, width_of);
}

LaneEvent event(std::size_t index, EventKind kind, std::int32_t cycle, float pitch) {
    return {index, kind, true, cycle, 100.0F + pitch * static_cast<float>(cycle)};
}

std::size_t count_of(const std::vector<LaneMark>& marks) {
    std::size_t sum = 0;
    for (const LaneMark& mark : marks) sum += mark.events.size();
    return sum;
}

bool touch(const std::vector<LaneMark>& marks) {
    for (std::size_t m = 1; m < marks.size(); ++m)
        if (marks[m].x - 0.5F * kSize < marks[m - 1].x - 0.5F * kSize + marks[m - 1].width)
            return true;
    return false;
}

TEST_CASE("with room every event stands by itself, those of a cycle side by side",
          "[views][timeline]") {
    const auto marks =
        folded({event(0, EventKind::mitosis, 1, 60), event(1, EventKind::mitosis, 1, 60),
                event(2, EventKind::death, 2, 60)});
    REQUIRE(marks.size() == 3);
    CHECK(marks[0].x == 160.0F);
    CHECK(marks[1].x > marks[0].x + kSize);
    CHECK(marks[2].x == 220.0F);
    CHECK(marks[0].events == std::vector<std::size_t>{0});
    CHECK(count_beside(marks[0]).empty());
}

TEST_CASE("without room events of a kind become one shape with their number", "[views][timeline]") {
    // Four of cycle 1 would reach into cycle 2.
    const auto marks =
        folded({event(0, EventKind::mitosis, 1, 40), event(1, EventKind::mitosis, 1, 40),
                event(2, EventKind::mitosis, 1, 40), event(3, EventKind::mitosis, 1, 40),
                event(4, EventKind::merge, 2, 40)});
    REQUIRE(marks.size() == 2);
    CHECK(marks[0].events == std::vector<std::size_t>{0, 1, 2, 3});
    CHECK(count_beside(marks[0]) == "4");
    CHECK(marks[0].kind == EventKind::mitosis);
    CHECK(marks[1].x == 180.0F);
}

TEST_CASE("cycles that touch are taken together, each shape kept", "[views][timeline]") {
    std::vector<LaneEvent> events;
    for (std::size_t i = 0; i < 12; ++i)
        events.push_back(event(i, i % 3 == 0 ? EventKind::death : EventKind::mitosis,
                               static_cast<std::int32_t>(i + 1), 6));
    const auto marks = folded(events);
    CHECK(marks.size() < events.size());
    CHECK(count_of(marks) == events.size());
    CHECK_FALSE(touch(marks));
    for (const LaneMark& mark : marks) {
        CHECK(mark.first_cycle <= mark.last_cycle);
        for (const std::size_t i : mark.events) CHECK(events[i].kind == mark.kind);
        CHECK(std::is_sorted(mark.events.begin(), mark.events.end()));
    }
    CHECK(marks.front().x == events.front().x);
}

TEST_CASE("marks never touch and lose no event, at any density", "[views][timeline]") {
    for (const float pitch : {0.4F, 1.0F, 3.0F, 7.0F, 12.0F, 20.0F, 50.0F}) {
        std::vector<LaneEvent> events;
        for (std::int32_t cycle = 1; cycle <= 80; ++cycle)
            for (std::int32_t e = 0; e < (cycle * 7) % 4; ++e) {
                const auto kind = static_cast<EventKind>((cycle + e) % 4);
                events.push_back(event(events.size(), kind, cycle, pitch));
            }
        events[5].accepted = false;  // a refused trial has a shape of its own
        const auto marks = folded(events);
        INFO("pitch " << pitch);
        CHECK(count_of(marks) == events.size());
        CHECK_FALSE(touch(marks));
        std::size_t refused = 0;
        for (const LaneMark& mark : marks) refused += mark.accepted ? 0 : mark.events.size();
        CHECK(refused == 1);
    }
    CHECK(folded({}).empty());
}

TEST_CASE("in a lane of one quiet kind a cycle has one mark", "[views][timeline]") {
    const std::vector<LaneEvent> events = {event(0, EventKind::adjust, 1, 20.0F),
                                           event(1, EventKind::adjust, 1, 20.0F),
                                           event(5, EventKind::adjust, 2, 20.0F)};
    const std::vector<LaneMark> marks = one_a_cycle(events, 5.0F);
    REQUIRE(marks.size() == 2);
    CHECK(marks[0].events == std::vector<std::size_t>{0, 1});
    CHECK(marks[1].events == std::vector<std::size_t>{5});
    CHECK(marks[1].x == events[2].x);
}

TEST_CASE("the lanes are the last part of a low timeline to go", "[views][timeline]") {
    const auto at = [](float width, float height, std::size_t levels) {
        return timeline_layout({{0, 0}, {width, height}}, levels);
    };
    CHECK(at(1200, 300, 4).curves == 1);
    CHECK(at(1200, 300, 4).legend);
    CHECK(at(1200, 300, 4).curve_values);
    CHECK(at(1200, 90, 4).curves == 0);
    CHECK_FALSE(at(1200, 90, 4).legend);
    for (const float width : {80.0F, 320.0F, 1600.0F})
        for (const float height : {40.0F, 90.0F, 125.0F, 200.0F, 700.0F})
            for (const std::size_t levels : {1U, 2U, 4U, 8U}) {
                const TimelineLayout layout = at(width, height, levels);
                INFO(width << " x " << height << ", " << levels << " levels");
                CHECK(layout.plot.min.x < layout.plot.max.x);
                CHECK(layout.plot.max.y <= height);
                CHECK(layout.lanes_end <= layout.plot.max.y);
                CHECK(layout.mark_size >= 4.0F);
                for (std::size_t l = 0; l < levels; ++l) {
                    CHECK(layout.lane_y(l) <= layout.lanes_end);
                    CHECK(layout.dot_y(l) <= layout.lane_y(l) + 0.5F * layout.lane);
                    if (l > 0) CHECK(layout.lane_y(l) >= layout.lane_y(l - 1));
                }
                // Where there is a curve, the names of all lanes have room.
                if (layout.curves > 0) CHECK(layout.lane >= 15.0F);
            }
}

}  // namespace
}  // namespace splatscope
