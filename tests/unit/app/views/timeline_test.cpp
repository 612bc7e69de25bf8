#include "engine/core/error.h"
#include "engine/explain/event_card.h"
#include "tests/catch.h"
#include "tests/unit/app/views/small_world.h"

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace splatscope {
std::unique_ptr<View> make_timeline_view();
}

using namespace splatscope;
using Op = RecordingCanvas::Op;

namespace {

hsa::Event of_cycle(std::int32_t cycle, hsa::EventKind kind, const std::string& level,
                    bool accepted = true) {
    hsa::Event event;
    event.cycle = cycle;
    event.kind = kind;
    event.level_name = level;
    event.accepted = accepted;
    event.text = "Something happened.";
    return event;
}

// Twenty cycles with a few events each; that of cycle 5 moved splat 0.
SmallWorld world_of_cycles() {
    SmallWorld world = small_world();
    auto history = std::make_shared<hsa::History>(*world.snapshot->history);
    for (std::int32_t c = 1; c <= 20; ++c) {
        auto cycle = std::make_shared<hsa::Cycle>();
        cycle->number = c;
        cycle->events = {of_cycle(c, hsa::EventKind::adjust, "Token"),
                         of_cycle(c, hsa::EventKind::mitosis, "Token", c % 2 == 0),
                         of_cycle(c, hsa::EventKind::death, "Phrase", c % 3 == 0)};
        cycle->measures.level_names = {"Token", "Phrase"};
        cycle->measures.splats = {4, 2};
        cycle->measures.row_kl = cycle->measures.objective = 1.0 / static_cast<double>(c);
        history->cycles.push_back(std::move(cycle));
    }
    hsa::SplatRegistry after = *world.snapshot->registry;
    after.log_amplitude[0] += 0.7F;
    auto moved = std::make_shared<hsa::Cycle>(*history->cycles[5]);
    moved->events.push_back(of_cycle(5, hsa::EventKind::move, "Token"));
    moved->events.back().delta = hsa::difference(*world.snapshot->registry, after);
    history->cycles[5] = moved;
    world.snapshot->history = history;
    world.snapshot->cycle = 20;
    world.session.document.timeline.last = world.session.document.timeline.cursor = 20;
    return world;
}

Drawn drawn_on(View& view, SmallWorld& world, RecordingCanvas& canvas, const Pointer& pointer,
               bool exporting = false) {
    canvas = RecordingCanvas(canvas.bounds());
    return view.draw(canvas, world.context(exporting), pointer);
}

}  // namespace

TEST_CASE("flags, the band of a range and its card leave every text legible", "[views][timeline]") {
    SmallWorld world = world_of_cycles();
    world.session.document.timeline.marks = {
        {2, "the first note, a rather long one"}, {3, "another right beside it"}, {15, "late"}};
    world.session.desk.timeline.range_begin = 4;
    world.session.desk.timeline.range_end = 12;
    const auto view = make_timeline_view();
    for (const char* lanes : {"level", "kind"})
        for (const TimelineCurve curve : {TimelineCurve::row_kl, TimelineCurve::all})
            for (const Vec2 size :
                 {Vec2{1200, 300}, Vec2{900, 180}, Vec2{700, 120}, Vec2{400, 90}, Vec2{700, 600}}) {
                CAPTURE(lanes, size.x, size.y);
                world.session.desk.timeline.lanes =
                    lanes == std::string("kind") ? TimelineLanes::kind : TimelineLanes::level;
                world.session.desk.timeline.curve = curve;
                RecordingCanvas canvas(size.x, size.y);
                const Drawn drawn = drawn_on(*view, world, canvas, {}, true);
                CHECK(canvas.overlapping_texts() == "");
                CHECK(canvas.text_outside() == "");
                CHECK(canvas.open_clips() == 0);
                CHECK(find_hit(drawn, "mark 15") != nullptr);
                CHECK((canvas.find_text("cycles 4 to 11") != nullptr) == (size.x >= 660));
            }
}

TEST_CASE("the card of a range says what the cycles did", "[views][timeline]") {
    SmallWorld world = world_of_cycles();
    world.session.desk.timeline.range_begin = 4;
    world.session.desk.timeline.range_end = 12;
    const auto view = make_timeline_view();
    RecordingCanvas canvas(1200, 300);
    Drawn drawn = drawn_on(*view, world, canvas, {});
    // 8 cycles of two trials and one move; 4 mitoses and 2 deaths were accepted (6 and 9).
    CHECK(canvas.find_text("7 of 17") != nullptr);
    CHECK(canvas.find_text("4/8") != nullptr);
    CHECK(canvas.find_text("2/8") != nullptr);
    const Hit* close = find_hit(drawn, "range close");
    REQUIRE(close != nullptr);
    drawn = drawn_on(*view, world, canvas, click(close->place.centre()));
    REQUIRE(drawn.commands.size() == 1);
    CHECK(drawn.commands[0] == "timeline.range none");
}

TEST_CASE("a drag with Shift selects cycles, one without scrubs", "[views][timeline]") {
    SmallWorld world = world_of_cycles();
    const auto view = make_timeline_view();
    RecordingCanvas canvas(1200, 300);
    Drawn drawn = drawn_on(*view, world, canvas, {});
    // 21 cycles from -0.5 to 20.5 over the plot: its left end is the 116th pixel, its right end 24
    // before the last.
    const auto at = [](double cycle) {
        return Vec2{116.0F + static_cast<float>((cycle + 0.5) / 21.0) * (1200.0F - 140.0F), 50.0F};
    };
    Pointer pointer = press(at(3.1));
    pointer.shift = true;
    drawn = drawn_on(*view, world, canvas, pointer);
    CHECK(drawn.commands.empty());
    pointer = drag(at(3.1), at(8.9));
    pointer.shift = true;
    drawn = drawn_on(*view, world, canvas, pointer);
    CHECK(drawn.commands.empty());
    drawn = drawn_on(*view, world, canvas, release(at(3.1), at(8.9)));
    REQUIRE(drawn.commands.size() == 1);
    CHECK(drawn.commands[0] == "timeline.range 3:10");
    drawn = drawn_on(*view, world, canvas, press(at(7.0)));
    REQUIRE(drawn.commands.size() == 1);
    CHECK(drawn.commands[0] == "adapt.goto 7");
}

TEST_CASE("a word of the legend goes to the next event of its kind", "[views][timeline]") {
    SmallWorld world = world_of_cycles();
    const auto view = make_timeline_view();
    RecordingCanvas canvas(1200, 300);
    Drawn drawn = drawn_on(*view, world, canvas, {});
    const Hit* birth = find_hit(drawn, "next birth");
    REQUIRE(birth != nullptr);
    const Vec2 there = birth->place.centre();
    (void)drawn_on(*view, world, canvas, press(there));
    drawn = drawn_on(*view, world, canvas, click(there));
    REQUIRE(drawn.commands.size() == 1);
    CHECK(drawn.commands[0] == "adapt.next_event birth");
}

TEST_CASE("a double click on a cycle asks for a note there", "[views][timeline]") {
    SmallWorld world = world_of_cycles();
    const auto view = make_timeline_view();
    RecordingCanvas canvas(1200, 300);
    Pointer pointer = over({116.0F + 1060.0F * 12.5F / 21.0F, 120.0F});
    pointer.double_clicked = true;
    CHECK(drawn_on(*view, world, canvas, pointer).prompt == "timeline.mark 12 ");
}

TEST_CASE("resting on an event shows attention before and after it", "[views][timeline]") {
    SmallWorld world = world_of_cycles();
    const auto view = make_timeline_view();
    RecordingCanvas canvas(1200, 300);
    Drawn drawn = drawn_on(*view, world, canvas, {});
    std::size_t index = 0;
    const auto count = world.snapshot->history->event_count(20);
    while (index < count && world.snapshot->history->event(index).kind != hsa::EventKind::move)
        ++index;
    const Hit* hit = find_hit(drawn, fmt::format("event {}", index));
    REQUIRE(hit != nullptr);
    const Pointer pointer = over(hit->place.centre());
    drawn = drawn_on(*view, world, canvas, pointer);
    CHECK_FALSE(drawn.peek.has_value());
    CHECK(drawn.animating);
    std::this_thread::sleep_for(std::chrono::milliseconds(170));
    drawn = drawn_on(*view, world, canvas, pointer);
    REQUIRE(drawn.peek.has_value());
    CHECK(drawn.peek->event == index);
    CHECK(drawn.tooltip_pictures.empty());

    auto peek = std::make_shared<hsa::Peek>();
    peek->wanted = *drawn.peek;
    peek->before = peek->after = std::make_shared<const hsa::Picture>(hsa::attention_picture(
        *world.snapshot->factors, *world.snapshot->sums, drawn.peek->picture, {}, {}));
    world.answer({});
    world.look.peek = peek;
    drawn = drawn_on(*view, world, canvas, pointer);
    REQUIRE(drawn.tooltip_pictures.size() == 2);
    CHECK(drawn.tooltip_pictures[0].image.width > 0);
    drawn = drawn_on(*view, world, canvas, over({10, 10}));
    CHECK_FALSE(drawn.peek.has_value());
}

TEST_CASE("the wheel never shows less than a cycle", "[views][timeline]") {
    SmallWorld world = world_of_cycles();
    const auto view = make_timeline_view();
    RecordingCanvas canvas(1200, 300);
    const Drawn drawn = drawn_on(*view, world, canvas, wheel({600, 100}, 60.0F));
    REQUIRE(drawn.axes.size() == 1);
    CHECK(drawn.axes[0].end - drawn.axes[0].begin == Approx(1.0));
    REQUIRE(drawn.commands.size() == 2);
    CHECK(drawn.commands[0].starts_with("set timeline.begin "));
}
