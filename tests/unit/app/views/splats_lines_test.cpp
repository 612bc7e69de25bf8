#include "app/views/splats_lines.h"

#include "app/views/splats_kept.h"
#include "tests/catch.h"
#include "tests/unit/app/views/splats_world.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace splatscope {
namespace {

std::array<float, 3> centre_of(const SmallWorld& world, std::size_t row) {
    const hsa::Matrix<float>& centres = world.snapshot->layout->centres;
    return {centres(row, 0), centres(row, 1), centres(row, 2)};
}

// Three cycles: splat 1 moves in each; in the second splats 4 and 5 (as they were named then: 9)
// come from one.
SmallWorld world_with_past() {
    SmallWorld world = splats_world();
    auto history = std::make_shared<hsa::History>();
    for (std::int32_t cycle = 0; cycle < 4; ++cycle) {
        auto registry = std::make_shared<hsa::SplatRegistry>(*world.snapshot->registry);
        registry->gaussians.centre(1, 0) -= 0.5F * static_cast<float>(3 - cycle);
        auto made = std::make_shared<hsa::Cycle>();
        made->number = cycle;
        if (cycle < 2) registry->drop(3);
        if (cycle == 2) {
            hsa::Event split;
            split.cycle = 2;
            split.kind = hsa::EventKind::mitosis;
            split.before = {2};
            split.after = {2, 3};
            made->events = {split};
        }
        auto state = std::make_shared<hsa::AdaptState>();
        state->registry = registry;
        made->state = state;
        history->cycles.push_back(made);
    }
    world.snapshot->history = history;
    world.snapshot->cycle = 3;
    world.session.desk.splats.trails = 10;
    return world;
}

TEST_CASE("edges run from splats to the parents that are drawn", "[views][splats]") {
    SmallWorld world = splats_world();
    CHECK(make_splats_scene(world.context()).lines.empty());
    world.session.desk.splats.edges = true;
    const SplatsScene scene = make_splats_scene(world.context());
    REQUIRE(scene.lines.size() == 4);
    for (std::size_t child = 0; child < 4; ++child) {
        CHECK(scene.lines[child].from == centre_of(world, child));
        CHECK(scene.lines[child].to == centre_of(world, 4 + child % 2));
    }
    world.snapshot->parent_share = std::make_shared<const std::vector<float>>(
        std::vector<float>{0.1F, 0.9F, 0.5F, 0.5F, 0.0F, 0.0F});
    const SplatsScene shared = make_splats_scene(world.context());
    CHECK(shared.lines[1].width > shared.lines[0].width);
    CHECK(shared.lines[1].from_colour.a > shared.lines[0].from_colour.a);
    world.session.document.selection.splats = {0};
    const SplatsScene lit = make_splats_scene(world.context());
    CHECK(lit.lines[0].from_colour.a == shared.lines[0].from_colour.a);
    CHECK(lit.lines[1].from_colour.a < shared.lines[1].from_colour.a);
    world.session.desk.splats.hidden_levels = {"Phrase"};
    CHECK(make_splats_scene(world.context()).lines.empty());
}

TEST_CASE("a trail goes back through the cycles and what a splat was made of", "[views][splats]") {
    SmallWorld world = world_with_past();
    world.session.document.selection.splats = {1};
    const SplatsScene moved = make_splats_scene(world.context());
    CHECK(moved.without_trails.empty());
    REQUIRE(moved.lines.size() == 3);
    CHECK(moved.lines[0].to == centre_of(world, 1));
    // The first axis of the coordinates is one of the axes shown, or a part of all: each step is as
    // long as the move, seen along them.
    const auto step = [&](const SceneLine& line) {
        double sum = 0.0;
        for (std::size_t a = 0; a < 3; ++a)
            sum += std::pow(static_cast<double>(line.to[a] - line.from[a]), 2.0);
        return std::sqrt(sum);
    };
    double seen = 0.0;
    for (std::size_t r = 0; r < 3; ++r)
        seen += std::pow(0.5 * static_cast<double>(world.snapshot->layout->axes(r, 0)), 2.0);
    for (const SceneLine& line : moved.lines)
        CHECK(step(line) == Approx(std::sqrt(seen)).epsilon(1e-4));
    CHECK(moved.lines[0].to_colour.a > moved.lines[2].from_colour.a);
    CHECK(moved.lines[1].to == moved.lines[0].from);

    world.session.document.selection.splats = {3};
    const SplatsScene made = make_splats_scene(world.context());
    REQUIRE(made.lines.size() == 3);
    CHECK(made.lines[0].from == centre_of(world, 3));
    CHECK(made.lines[1].from == centre_of(world, 2));  // it was split off
    world.session.desk.splats.trails = 1;
    CHECK(make_splats_scene(world.context()).lines.size() == 1);
    world.session.document.selection = {};
    CHECK(make_splats_scene(world.context()).lines.size() == kSmallSplats);
}

// As above, but of cycle 1 only what changed is stored.
SmallWorld world_with_changes() {
    SmallWorld world = world_with_past();
    auto history = std::make_shared<hsa::History>(*world.snapshot->history);
    auto made = std::make_shared<hsa::Cycle>(*history->cycles[1]);
    hsa::Event event;
    event.cycle = 1;
    event.delta = hsa::difference(*hsa::registry_at(*history, 0), *made->state->registry);
    made->events = {event};
    made->state = nullptr;
    history->cycles[1] = made;
    world.snapshot->history = history;
    return world;
}

TEST_CASE("the past of trails is the registry of each cycle, whole or from what changed",
          "[views][splats]") {
    for (const std::int32_t wanted : {1, 2, 10}) {
        SmallWorld world = world_with_changes();
        TrailsPast past;
        past.update(*world.snapshot, wanted);
        REQUIRE(past.first == std::max(3 - wanted, 0));
        REQUIRE(past.then.size() == static_cast<std::size_t>(3 - past.first));
        const hsa::Layout& layout = *world.snapshot->layout;
        for (std::int32_t cycle = past.first; cycle < 3; ++cycle) {
            CAPTURE(wanted, cycle);
            const auto registry = hsa::registry_at(*world.snapshot->history, cycle);
            const TrailsPast::Then& then = past.then[static_cast<std::size_t>(cycle - past.first)];
            REQUIRE(then.places.size() == registry->size());
            for (std::size_t row = 0; row < registry->size(); ++row) {
                const auto* place = then.place_of(registry->id[row]);
                REQUIRE(place != nullptr);
                double sum = 0.0;
                for (std::size_t a = 0; a < registry->dimension; ++a)
                    sum += static_cast<double>(layout.axes(0, a)) *
                           (static_cast<double>(registry->gaussians.centre(row, a)) -
                            static_cast<double>(layout.mean[a]));
                CHECK((*place)[0] == static_cast<float>(sum));
            }
            CHECK((then.place_of(3) != nullptr) == (cycle >= 2));
            CHECK(then.origins.count(3) == (cycle == 1 ? 1U : 0U));
        }
    }
}

TEST_CASE("a scene is the same whatever was kept, and clicks leave the past of trails alone",
          "[views][splats]") {
    SmallWorld world = world_with_changes();
    SplatsKept kept;
    const auto check_same = [&] {
        const SplatsScene scene = make_splats_scene(world.context(), kept);
        const SplatsScene anew = make_splats_scene(world.context());
        CHECK(scene.frame == anew.frame);
        REQUIRE(scene.lines.size() == anew.lines.size());
        for (std::size_t l = 0; l < scene.lines.size(); ++l) {
            CHECK(scene.lines[l].from == anew.lines[l].from);
            CHECK(scene.lines[l].to == anew.lines[l].to);
            CHECK(scene.lines[l].from_colour == anew.lines[l].from_colour);
        }
        REQUIRE(scene.points.size() == anew.points.size());
        for (std::size_t p = 0; p < scene.points.size(); ++p)
            CHECK(scene.points[p].colour == anew.points[p].colour);
        CHECK(scene.classes_title == anew.classes_title);
    };
    SplatsDesk& desk = world.session.desk.splats;
    check_same();
    const TrailsPast::Then* before = kept.trails.then.data();
    world.session.document.selection.splats = {1};
    check_same();
    desk.sigma = 2.0;
    desk.grid = false;
    check_same();
    CHECK(kept.trails.then.data() == before);
    desk.point_colour.by = PointColour::inside;
    check_same();
    desk.sigma = 1.0;
    check_same();
    world.session.document.selection.splats = {2};
    check_same();
    desk.everything = true;
    desk.point_colour.by = PointColour::distance;
    check_same();
    desk.trails = 2;
    check_same();
    CHECK(kept.trails.then.size() == 2);
    world.snapshot->cycle = 2;
    check_same();
    CHECK(kept.trails.cycle == 2);
    auto layout = std::make_shared<hsa::Layout>(*world.snapshot->layout);
    layout->mean[0] += 1.0F;
    layout->axes(0, 1) += 0.5F;
    layout->centres(2, 0) += 5.0F;
    world.snapshot->layout = layout;
    check_same();
    desk.trails = 0;
    check_same();
    CHECK(kept.trails.history == nullptr);
}

TEST_CASE("why there are no trails is said", "[views][splats]") {
    SmallWorld world = world_with_past();
    world.snapshot->cycle = 0;
    CHECK(make_splats_scene(world.context()).without_trails == "no trails: no cycle has run yet");
    world.snapshot->cycle = 3;
    auto registry = std::make_shared<hsa::SplatRegistry>(*world.snapshot->registry);
    registry->form = hsa::Form::shared;
    world.snapshot->registry = registry;
    CHECK_FALSE(make_splats_scene(world.context()).without_trails.empty());
    world.session.desk.splats.trails = 0;
    CHECK(make_splats_scene(world.context()).without_trails.empty());
}

TEST_CASE("the ground lies below everything, in squares of a round size", "[views][splats]") {
    CHECK(round_length(1.0) == 1.0);
    CHECK(round_length(0.99) == 0.5);
    CHECK(round_length(4.99) == 2.0);
    CHECK(round_length(0.05) == Approx(0.05));
    CHECK(round_length(730.0) == 500.0);
    const SmallWorld world = splats_world();
    const SplatsScene scene = make_splats_scene(world.context());
    REQUIRE(scene.square > 0.0);
    REQUIRE_FALSE(scene.ground.empty());
    const float floor = scene.ground.front().from[1];
    for (const SceneLine& line : scene.ground) {
        CHECK(line.from[1] == floor);
        CHECK(line.to[1] == floor);
        CHECK(std::hypot(line.to[0] - line.from[0], line.to[2] - line.from[2]) ==
              Approx(static_cast<float>(scene.square)).epsilon(1e-4));
    }
    for (const Ellipsoid& body : scene.frame.held)
        CHECK(body.centre[1] - body.reach({0.0, 1.0, 0.0}) >= static_cast<double>(floor) - 1e-5);
}

}  // namespace
}  // namespace splatscope
