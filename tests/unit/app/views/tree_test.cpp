#include "app/views/tree_faders.h"
#include "app/views/tree_lineage_layout.h"
#include "app/views/tree_motion.h"
#include "tests/catch.h"
#include "tests/unit/app/views/small_world.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace splatscope {
std::unique_ptr<View> make_tree_view();
}

using namespace splatscope;
using Op = RecordingCanvas::Op;

namespace {

Drawn draw_tree(View& view, SmallWorld& world, RecordingCanvas& canvas, const Pointer& pointer,
                bool exporting = false) {
    canvas = RecordingCanvas(canvas.bounds());
    return view.draw(canvas, world.context(exporting), pointer);
}

Vec2 place_of(const Drawn& drawn, hsa::SplatId id) {
    const Hit* hit = find_hit(drawn, fmt::format("splat {}", id));
    REQUIRE(hit != nullptr);
    return hit->place.centre();
}

hsa::Life life(hsa::SplatId id, std::int32_t born, std::vector<hsa::SplatId> from = {}) {
    hsa::Life made;
    made.id = id;
    made.level = "Token";
    made.began.cycle = born;
    made.began.others = std::move(from);
    if (born > 0) made.began.event = id;
    return made;
}

void end(hsa::Life& life, std::int32_t cycle, hsa::EventKind kind,
         std::vector<hsa::SplatId> into = {}) {
    life.ended = hsa::LifeEnd{cycle, kind, 100U + life.id, std::move(into)};
}

// 0 splits into 2 and 3, 3 into 4 and 5; 1 and 5 become 6; 7 is born; 8 just is there.
hsa::Lineage family_tree() {
    hsa::Lineage lineage;
    lineage.lives = {life(0, 0),         life(1, 0),      life(2, 1, {0}),
                     life(3, 1, {0}),    life(4, 2, {3}), life(5, 2, {3}),
                     life(6, 3, {1, 5}), life(7, 4),      life(8, 0)};
    end(lineage.lives[0], 1, hsa::EventKind::mitosis, {2, 3});
    end(lineage.lives[1], 3, hsa::EventKind::merge, {6});
    end(lineage.lives[3], 2, hsa::EventKind::mitosis, {4, 5});
    end(lineage.lives[5], 3, hsa::EventKind::merge, {6});
    return lineage;
}

// Cycles in which splats of Token split and some die, again and again.
SmallWorld world_with_lineage(std::int32_t cycles) {
    SmallWorld world = small_world();
    auto registry = std::make_shared<hsa::SplatRegistry>(*world.snapshot->registry);
    auto history = std::make_shared<hsa::History>();
    auto start = std::make_shared<hsa::Cycle>(*world.snapshot->history->cycles[0]);
    start->events.resize(1);
    auto state = std::make_shared<hsa::AdaptState>();
    state->registry = world.snapshot->registry;
    start->state = state;
    history->cycles = {start};
    hsa::SplatId next = kSmallSplats;
    hsa::SplatId splits = 0;
    for (std::int32_t c = 1; c <= cycles; ++c) {
        auto cycle = std::make_shared<hsa::Cycle>();
        cycle->number = c;
        hsa::Event event;
        event.cycle = c;
        event.level_name = "Token";
        event.text = "It happened.";
        event.kind = hsa::EventKind::mitosis;
        event.before = {splits};
        event.after = {next, next + 1};
        cycle->events.push_back(event);
        if (c % 4 == 0) {
            event.kind = hsa::EventKind::death;
            event.before = {next};
            event.after.clear();
            cycle->events.push_back(event);
        }
        splits = next + 1;
        next += 2;
        history->cycles.push_back(std::move(cycle));
    }
    world.snapshot->history = history;
    world.snapshot->cycle = 0;
    world.session.document.timeline.last = cycles;
    world.session.desk.tree.form = TreeForm::lineage;
    return world;
}

}  // namespace

TEST_CASE("dragging a splat onto one of the level above puts it there", "[views][tree]") {
    for (const TreeForm form : {TreeForm::icicle, TreeForm::nodelink}) {
        SmallWorld world = small_world();
        world.session.desk.tree.form = form;
        world.answer({});
        const auto view = make_tree_view();
        RecordingCanvas canvas(700, 400);
        Drawn drawn = draw_tree(*view, world, canvas, {});
        const Vec2 child = place_of(drawn, 0);  // its parent is 4
        const Vec2 other = place_of(drawn, 5);
        const Vec2 same = place_of(drawn, 1);
        const auto gesture = [&](Vec2 from, Vec2 to) {
            (void)draw_tree(*view, world, canvas, press(from));
            Drawn held = draw_tree(*view, world, canvas, drag(from, to));
            CHECK(held.commands.empty());
            CHECK(held.animating);
            return std::make_pair(held, draw_tree(*view, world, canvas, release(from, to)));
        };
        const auto [held, done] = gesture(child, other);
        CHECK(held.tooltip.find("put red under cold things") != std::string::npos);
        REQUIRE(done.commands.size() == 1);
        CHECK(done.commands[0] == "splats.reparent 0 5");
        const auto [wrong, nothing] = gesture(child, same);
        CHECK(wrong.tooltip.find("level above, Phrase") != std::string::npos);
        CHECK(nothing.commands.empty());
        const auto [top, none] = gesture(other, child);
        CHECK(top.tooltip.find("coarsest") != std::string::npos);
        CHECK(none.commands.empty());
        // A click is none.
        (void)draw_tree(*view, world, canvas, press(child));
        drawn = draw_tree(*view, world, canvas, click(child));
        REQUIRE(drawn.commands.size() == 1);
        CHECK(drawn.commands[0] == "select.splats 0");
    }
}

TEST_CASE("a fader gives a level its share while the others keep their proportions",
          "[views][tree][levels]") {
    hsa::Hierarchy hierarchy;
    hierarchy.levels = {{"Token", 0.6}, {"Clause", 0.3}, {"Phrase", 0.1}};
    for (const double share : {0.05, 0.5, 0.9}) {
        const auto line = weighing_line(hierarchy, 1, share);
        REQUIRE(line);
        double weight = 0.0;
        REQUIRE(std::sscanf(line->c_str(), "set attention.level.Clause.weight %lf", &weight) == 1);
        CHECK(weight / (weight + 0.7) == Approx(share).epsilon(1e-3));
    }
    CHECK(weighing_line(hierarchy, 1, 0.001) == "set attention.level.Clause.weight 0");
    hierarchy.levels[0].weight = hierarchy.levels[2].weight = 0.0;
    CHECK_FALSE(weighing_line(hierarchy, 1, 0.5));

    SmallWorld world = small_world();
    const auto view = make_tree_view();
    RecordingCanvas canvas(640, 400);
    Drawn drawn = world.settle(*view, canvas);
    const Hit* knob = find_hit(drawn, "level Phrase weight");
    REQUIRE(knob != nullptr);
    const Vec2 from = knob->place.centre(), to{from.x + 12.0F, from.y};
    (void)draw_tree(*view, world, canvas, press(from));
    drawn = draw_tree(*view, world, canvas, drag(from, to));
    CHECK(drawn.holding);
    CHECK(drawn.commands.empty());
    REQUIRE(drawn.preview.starts_with("set attention.level.Phrase.weight "));
    const std::string previewed = drawn.preview;
    drawn = draw_tree(*view, world, canvas, release(from, to));
    CHECK(drawn.commands == std::vector<std::string>{previewed});
    CHECK(drawn.preview == previewed);
    // It stays where it was left, here and in what the others show, until there are other splats;
    // no other fader is taken before.
    drawn = draw_tree(*view, world, canvas, {});
    CHECK(drawn.preview == previewed);
    const Vec2 other = find_hit(drawn, "level Token weight")->place.centre();
    (void)draw_tree(*view, world, canvas, press(other));
    CHECK_FALSE(draw_tree(*view, world, canvas, drag(other, {other.x - 9.0F, other.y})).holding);
    CHECK(draw_tree(*view, world, canvas, release(other, {other.x - 9.0F, other.y}))
              .commands.empty());
    drawn = draw_tree(*view, world, canvas, {});
    CHECK(find_hit(drawn, "level Phrase weight")->place.centre().x == Approx(to.x).margin(1.0));
    world.snapshot->registry = std::make_shared<hsa::SplatRegistry>(*world.snapshot->registry);
    drawn = draw_tree(*view, world, canvas, {});
    CHECK(find_hit(drawn, "level Phrase weight")->place.centre().x == Approx(from.x).margin(0.5));
    // Esc puts it back, and a click alone changes nothing.
    (void)draw_tree(*view, world, canvas, press(from));
    (void)draw_tree(*view, world, canvas, drag(from, to));
    Pointer escape = drag(from, to);
    escape.escape = true;
    drawn = draw_tree(*view, world, canvas, escape);
    CHECK((drawn.preview.empty() && !drawn.holding));
    CHECK(draw_tree(*view, world, canvas, release(from, to)).commands.empty());
    (void)draw_tree(*view, world, canvas, press(from));
    CHECK(draw_tree(*view, world, canvas, click(from)).commands.empty());
    // None in a picture, nor where there is no room.
    CHECK(find_hit(draw_tree(*view, world, canvas, {}, true), "level Phrase weight") == nullptr);
    RecordingCanvas low(640, 90);
    CHECK(find_hit(world.settle(*view, low), "level Phrase weight") == nullptr);
}

TEST_CASE("a fader goes back when its edit comes to nothing or is taken back", "[views][tree]") {
    SmallWorld world = small_world();
    const auto view = make_tree_view();
    RecordingCanvas canvas(640, 400);
    const auto knob = [&](const Drawn& drawn) {
        const Hit* hit = find_hit(drawn, "level Phrase weight");
        REQUIRE(hit != nullptr);
        return hit->place.centre();
    };
    const Vec2 from = knob(world.settle(*view, canvas)), to{from.x + 12.0F, from.y};
    const auto frames = [&](int count) {
        Drawn drawn;
        for (int frame = 0; frame < count; ++frame) drawn = draw_tree(*view, world, canvas, {});
        return drawn;
    };
    const auto gesture = [&] {
        (void)draw_tree(*view, world, canvas, press(from));
        (void)draw_tree(*view, world, canvas, drag(from, to));
        REQUIRE(draw_tree(*view, world, canvas, release(from, to)).commands.size() == 1);
    };
    gesture();
    Drawn drawn = frames(70);
    CHECK(knob(drawn).x == Approx(from.x).margin(0.5));
    CHECK(drawn.preview.empty());
    for (const int count : {5, 100}) {
        gesture();
        world.session.document.timeline.entries.emplace_back();
        CHECK(knob(frames(count)).x == Approx(to.x).margin(1.0));
        world.session.document.timeline.entries.clear();
        drawn = frames(1);
        CHECK(knob(drawn).x == Approx(from.x).margin(0.5));
        CHECK(drawn.preview.empty());
    }
    // Let go while the view was hidden: no edit.
    (void)draw_tree(*view, world, canvas, press(from));
    (void)draw_tree(*view, world, canvas, drag(from, to));
    drawn = draw_tree(*view, world, canvas, over(to));
    CHECK((drawn.commands.empty() && drawn.preview.empty() && !drawn.holding));
    CHECK(knob(frames(1)).x == Approx(from.x).margin(0.5));
}

TEST_CASE("names that are looked for are marked and counted", "[views][tree]") {
    SmallWorld world = small_world();
    world.answer({});
    world.session.desk.tree.form = TreeForm::icicle;
    const auto view = make_tree_view();
    RecordingCanvas canvas(700, 400);
    (void)draw_tree(*view, world, canvas, {}, true);
    const std::size_t before = canvas.items(Op::rect_outline).size();
    world.session.desk.tree.find = "THINGS";
    (void)draw_tree(*view, world, canvas, {}, true);
    CHECK(canvas.items(Op::rect_outline).size() == before + 2);
    CHECK(view->subtitle(world.context()).find("2 named") != std::string::npos);
}

TEST_CASE("a node moves to its new place in a moment, in an export at once", "[views][tree]") {
    TreeMotion motion;
    const Rect plot{{0, 0}, {100, 100}};
    std::vector<TreeNode> nodes(1);
    nodes[0].id = 3;
    nodes[0].point = {10, 10};
    CHECK_FALSE(motion.move(nodes, plot, false));
    CHECK(nodes[0].point.x == 10);
    nodes[0].point = {90, 10};
    std::vector<TreeNode> exported = nodes;
    CHECK_FALSE(motion.move(exported, plot, true));
    CHECK(exported[0].point.x == 90);
    CHECK(motion.move(nodes, plot, false));
    CHECK(nodes[0].point.x < 20);
    // Another size of the panel is no movement.
    nodes[0].point = {90, 10};
    CHECK_FALSE(motion.move(nodes, {{0, 0}, {200, 100}}, false));
    CHECK(nodes[0].point.x == 90);
}

TEST_CASE("relatives stand side by side and one child goes on in its parent's lane",
          "[views][lineage]") {
    const hsa::Lineage lineage = family_tree();
    std::set<hsa::SplatId> all;
    for (const hsa::Life& each : lineage.lives) all.insert(each.id);
    const LineageLanes lanes = lineage_lanes(lineage, {"Token"}, all);
    REQUIRE(lanes.lines.size() == 9);
    const auto lane = [&](hsa::SplatId id) { return lanes.find(id)->lane; };
    CHECK(lane(2) == lane(0));
    CHECK(lane(3) == lane(0) + 1);
    CHECK(lane(4) == lane(3));
    CHECK(lane(5) == lane(4) + 1);
    const bool goes_on = lane(6) == lane(1) || lane(6) == lane(5);
    CHECK(goes_on);
    // Nobody else is in a lane while it is taken.
    for (const LineageLine& a : lanes.lines)
        for (const LineageLine& b : lanes.lines) {
            if (a.life->id >= b.life->id || a.lane != b.lane) continue;
            REQUIRE(a.life->ended.has_value());
            CHECK(a.life->ended->cycle <= b.life->began.cycle);
        }
    CHECK(lanes.lanes() == 6);
    CHECK(with_events(lineage) == std::set<hsa::SplatId>{0, 1, 2, 3, 4, 5, 6, 7});
    CHECK(families_of(lineage, {6}) == std::set<hsa::SplatId>{0, 1, 3, 5, 6});
    const auto family = largest_families(
        lineage, {7}, [](const std::set<hsa::SplatId>& shown) { return shown.size() <= 8; });
    CHECK(family == std::set<hsa::SplatId>{0, 1, 2, 3, 4, 5, 6, 7});
    CHECK(lineage_lanes(lineage, {"Token"}, family).folded() == 1);
}

TEST_CASE("the lineage is legible at every size, folded where it is dense", "[views][lineage]") {
    for (const std::int32_t cycles : {1, 12, 60})
        for (const Vec2 size : {Vec2{1000, 600}, Vec2{430, 300}, Vec2{220, 140}}) {
            CAPTURE(cycles, size.x, size.y);
            SmallWorld world = world_with_lineage(cycles);
            world.session.document.selection.splats = {0};
            world.session.document.timeline.marks = {{1, "a note"}};
            const auto view = make_tree_view();
            RecordingCanvas canvas(size.x, size.y);
            const Drawn drawn = draw_tree(*view, world, canvas, {}, true);
            CHECK(canvas.overlapping_texts() == "");
            CHECK(canvas.text_outside() == "");
            CHECK(canvas.open_clips() == 0);
            CHECK(find_hit(drawn, "splat 0") != nullptr);
            const bool folds = canvas.find_text("folded away") != nullptr;
            if (cycles == 60 && size.y < 200.0F) CHECK(folds);
            if (cycles == 1 && size.y > 500.0F) CHECK_FALSE(folds);
        }
}

TEST_CASE("a click in the lineage selects a splat, or the end of one that is gone",
          "[views][lineage]") {
    SmallWorld world = world_with_lineage(8);
    const auto view = make_tree_view();
    RecordingCanvas canvas(1000, 600);
    Drawn drawn = draw_tree(*view, world, canvas, {});
    // Splat 0 is there at the cycle shown; 7 comes of it, is not, and splits in cycle 2.
    const auto inside = [&](hsa::SplatId id) {
        const Hit* hit = find_hit(drawn, fmt::format("splat {}", id));
        REQUIRE(hit != nullptr);
        return Vec2{0.5F * (hit->place.min.x + hit->place.max.x), hit->place.centre().y};
    };
    const Vec2 first = inside(0);
    const Vec2 gone = inside(7);
    drawn = draw_tree(*view, world, canvas, click(first));
    REQUIRE(drawn.commands.size() == 1);
    CHECK(drawn.commands[0] == "select.splats 0");
    drawn = draw_tree(*view, world, canvas, click(gone));
    REQUIRE(drawn.commands.size() == 1);
    CHECK(drawn.commands[0] == "select.event 2");
    CHECK(drawn.tooltip.find("mitosis of 0") != std::string::npos);
    drawn = draw_tree(*view, world, canvas, click({800.0F, 560.0F}));
    REQUIRE(drawn.commands.size() == 1);
    CHECK(drawn.commands[0].starts_with("adapt.goto "));
}
