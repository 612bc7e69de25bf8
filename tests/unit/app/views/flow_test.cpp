#include "app/views/flow_profile.h"
#include "tests/catch.h"
#include "tests/unit/app/views/small_world.h"

#include <cmath>
#include <string>

namespace splatscope {
std::unique_ptr<View> make_flow_view();
}

using namespace splatscope;
using Op = RecordingCanvas::Op;

namespace {

void follow(SmallWorld& world) {
    world.answer({});
    const hsa::Snapshot& s = *world.snapshot;
    world.look.flow = std::make_shared<const hsa::Flow>(hsa::attention_flow(
        *s.dataset, *s.factors, *s.sums, s.registry->hierarchy, s.target.get(), {}));
}

}  // namespace

TEST_CASE("the flow asks for what it shows", "[flow]") {
    SmallWorld world;
    const auto view = make_flow_view();
    RecordingCanvas empty(600, 300);
    CHECK_FALSE(view->draw(empty, world.context(), {}).flow);
    CHECK(empty.find_text("Open a text") != nullptr);
    world = small_world();
    world.answer({});
    RecordingCanvas canvas(600, 300);
    const Drawn drawn = view->draw(canvas, world.context(), {});
    CHECK(drawn.flow);
    CHECK(drawn.waiting == false);  // nothing is open in this session
}

TEST_CASE("the flow shows sections, distances and levels without overlaps", "[flow]") {
    SmallWorld world = small_world();
    follow(world);
    const auto view = make_flow_view();
    for (const Vec2 size :
         {Vec2{640, 360}, Vec2{1200, 700}, Vec2{420, 640}, Vec2{300, 200}, Vec2{900, 190}}) {
        CAPTURE(size.x, size.y);
        RecordingCanvas canvas(size.x, size.y);
        const Drawn drawn = view->draw(canvas, world.context(true), {});
        CHECK(canvas.overlapping_texts().empty());
        CHECK(canvas.text_outside().empty());
        CHECK(canvas.open_clips() == 0);
        CHECK_FALSE(drawn.waiting);
    }
    RecordingCanvas large(1200, 700);
    (void)view->draw(large, world.context(true), {});
    for (const char* words :
         {"Second things", "from section", "attention by distance", "uniform", "self", "Phrase",
          "from level", "share of attention up to a distance"})
        CHECK(large.find_text(words) != nullptr);
    CHECK(view->subtitle(world.context()).find("a row spreads over") != std::string::npos);
}

TEST_CASE("curves of the flow and the measures have signs beside their colours",
          "[flow][views][sign]") {
    SmallWorld world = small_world();
    follow(world);
    const auto view = make_flow_view();
    RecordingCanvas canvas(1200, 700);
    (void)view->draw(canvas, world.context(true), {});
    // Of the first level circles and of the second squares: before its name, and on both plots at
    // the token itself and at some distances.
    const auto count = [&](Op op, Colour colour) {
        std::size_t found = 0;
        for (const RecordingCanvas::Item& item : canvas.items(op)) {
            const float side = item.place.width();
            if (item.colour == colour && side > 5.0F && side < 9.0F &&
                std::abs(item.place.height() - side) < 0.01F)
                ++found;
        }
        return found;
    };
    CHECK(count(Op::circle, level_colour(0)) >= 5);
    CHECK(count(Op::rect, level_colour(1)) >= 5);
    CHECK(count(Op::rect, level_colour(0)) == 0);
    CHECK(count(Op::circle, level_colour(1)) == 0);
}

TEST_CASE("a click on a cell of the flow selects its block, and it is outlined", "[flow]") {
    SmallWorld world = small_world();
    follow(world);
    const auto view = make_flow_view();
    RecordingCanvas canvas(640, 360);
    const Drawn first = view->draw(canvas, world.context(), {});
    const Hit* hit = find_hit(first, "flow 0 2");
    REQUIRE(hit != nullptr);
    const Drawn clicked = view->draw(canvas, world.context(), click(hit->place.centre()));
    REQUIRE(clicked.commands.size() == 1);
    CHECK(clicked.commands.front() == hit->command);
    const auto& sections = world.snapshot->dataset->structure.sections;
    CHECK(hit->command == fmt::format("select.block {}:{} {}:{}", sections[0].tokens.begin,
                                      sections[0].tokens.end, sections[2].tokens.begin,
                                      sections[2].tokens.end));
    CHECK(clicked.tooltip.find("Third things") != std::string::npos);

    world.session.document.selection.block = hsa::Block{sections[0].tokens, sections[2].tokens};
    RecordingCanvas selected(640, 360);
    (void)view->draw(selected, world.context(), {});
    bool outlined = false;
    for (const auto& item : selected.items(Op::rect_outline))
        outlined = outlined || (item.colour == world.context().theme.accent &&
                                std::abs(item.place.min.x - hit->place.min.x) < 1.5F &&
                                std::abs(item.place.max.x - hit->place.max.x) < 1.5F);
    CHECK(outlined);
}

TEST_CASE("a selected token has its own curve of distances", "[flow]") {
    SmallWorld world = small_world();
    world.session.document.selection.tokens = {{30, 31}};
    follow(world);
    const auto view = make_flow_view();
    RecordingCanvas canvas(640, 360);
    (void)view->draw(canvas, world.context(), {});
    CHECK(canvas.find_text("from \u201c") != nullptr);
}

TEST_CASE("the names of many curves leave a small plot its room", "[flow]") {
    SmallWorld world = small_world();
    follow(world);
    const hsa::Flow& flow = *world.look.flow;
    std::vector<DistanceCurve> curves = distance_curves(world.context(), flow);
    for (int c = 0; c < 20; ++c) {
        curves.push_back(curves.front());
        curves.back().name = fmt::format("a curve named {}", c);
    }
    for (const float height : {120.0F, 260.0F}) {
        CAPTURE(height);
        RecordingCanvas canvas(300, height);
        Drawn drawn;
        const float foot = height < 250.0F ? height - 26.0F : 0.6F * height - 30.0F;
        draw_distance_profile(canvas, world.context(), flow, curves, canvas.bounds(),
                              over({150.0F, foot - 38.0F}), drawn);
        CHECK(drawn.tooltip.find("attention") != std::string::npos);
        CHECK(canvas.find_text("a curve named 19") != nullptr);
        for (const auto& item : canvas.items(Op::text))
            if (item.text.find("a curve") != std::string::npos)
                CHECK(item.place.max.y < foot - 38.0F);
    }
}
