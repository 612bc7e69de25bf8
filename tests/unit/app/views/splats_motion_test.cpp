#include "app/views/splats_motion.h"

#include "engine/explain/axes.h"
#include "engine/explain/layout.h"
#include "tests/catch.h"
#include "tests/unit/app/views/splats_world.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace splatscope {
namespace {

struct Moved {
    SplatsMotion motion;
    SplatsKept kept;
    SplatsScene shown;
    Drawn drawn;

    bool at(SmallWorld& world, double now, const SplatsScene& still, std::uint64_t number) {
        ViewContext context = world.context();
        context.now = now;
        drawn = {};
        const bool moves = motion.move(context, still, number, kept, shown, drawn);
        if (!moves) shown = still;
        return moves;
    }
};

void choose(SmallWorld& world, const hsa::AxesChoice& choice) {
    hsa::Snapshot& s = *world.snapshot;
    world.session.document.axes = choice;
    s.layout = std::make_shared<const hsa::Layout>(
        hsa::projected(hsa::chosen_axes(choice, *s.coordinates, s.registry->hierarchy, {}),
                       *s.coordinates, *s.registry, {}));
}

double apart(const SplatsScene& a, const SplatsScene& b) {
    double most = 0.0;
    for (std::size_t p = 0; p < a.points.size(); ++p)
        for (std::size_t r = 0; r < 3; ++r)
            most = std::max(most, static_cast<double>(
                                      std::abs(a.points[p].position[r] - b.points[p].position[r])));
    for (std::size_t s = 0; s < a.bodies.size(); ++s)
        most =
            std::max(most, length(a.bodies[s].drawn.shape.centre - b.bodies[s].drawn.shape.centre));
    return most;
}

}  // namespace

TEST_CASE("other axes are reached in 150 ms, and at once in a picture", "[views][splats]") {
    SmallWorld world = splats_world();
    Moved moved;
    const SplatsScene before = make_splats_scene(world.context());
    CHECK_FALSE(moved.at(world, 10.0, before, 1));
    hsa::AxesChoice choice;
    choice.kind = hsa::AxesKind::tokens;
    choose(world, choice);
    const SplatsScene after = make_splats_scene(world.context());
    REQUIRE(apart(before, after) > 0.1);
    CHECK(moved.at(world, 10.0, after, 2));
    CHECK(moved.drawn.animating);
    CHECK(apart(moved.shown, before) < 1e-5);
    CHECK(moved.at(world, 10.075, after, 2));
    CHECK(apart(moved.shown, before) == Approx(0.5 * apart(before, after)).epsilon(0.05));
    CHECK(moved.at(world, 10.149, after, 2));
    CHECK(apart(moved.shown, after) < 0.01 * apart(before, after));
    CHECK_FALSE(moved.at(world, 10.16, after, 2));
    CHECK_FALSE(moved.drawn.animating);
    CHECK(apart(moved.shown, after) == 0.0);

    Moved picture;
    ViewContext context = world.context();
    context.exporting = true;
    CHECK_FALSE(picture.motion.move(context, after, 1, picture.kept, picture.shown, picture.drawn));
}

TEST_CASE("a tour moves through the frames of its path and stops where it is", "[views][splats]") {
    SmallWorld world = splats_world();
    hsa::AxesChoice choice;
    choice.kind = hsa::AxesKind::tour;
    choice.seed = 5;
    choose(world, choice);
    world.session.desk.splats.touring = true;
    world.session.desk.splats.tour_started = 50.0;
    const SplatsScene still = make_splats_scene(world.context());
    Moved moved;
    CHECK_FALSE(moved.at(world, 50.0, still, 1));  // what it moves through is not there yet
    REQUIRE(moved.drawn.tour);
    CHECK(moved.drawn.animating);
    CHECK(moved.motion.words().empty());
    auto look = std::make_shared<hsa::LookResult>();
    look->of = world.snapshot;
    look->tour = std::make_shared<const hsa::TourSpace>(
        hsa::tour_space(*world.snapshot->coordinates, 1, *world.snapshot->registry, nullptr,
                        *moved.drawn.tour, {}));
    world.look = *look;
    for (const double passed : {0.0, 2.5, 11.0}) {
        REQUIRE(moved.at(world, 50.0 + passed, still, 1));
        hsa::AxesChoice moment = choice;
        moment.second = passed;
        SmallWorld rest = splats_world();
        choose(rest, moment);
        const SplatsScene expected = make_splats_scene(rest.context());
        REQUIRE(moved.shown.points.size() == expected.points.size());
        CHECK(apart(moved.shown, expected) < 1e-3);
        for (std::size_t s = 0; s < expected.bodies.size(); ++s)
            for (std::size_t e = 0; e < 6; ++e)
                CHECK(moved.shown.bodies[s].drawn.shape.lower[e] ==
                      Approx(expected.bodies[s].drawn.shape.lower[e]).margin(2e-3));
        for (std::size_t r = 0; r < 3; ++r)
            CHECK(moved.shown.explained[r] ==
                  Approx(rest.snapshot->layout->explained[r]).margin(1e-6));
        CHECK(moved.motion.words().find("grand tour") == 0);
    }
    // It stops: the picture stays until the axes of that second are there, then eases over.
    world.session.desk.splats.touring = false;
    world.session.document.axes.second = 11.0;
    const SplatsScene last = moved.shown;
    CHECK(moved.at(world, 61.1, still, 1));
    CHECK(apart(moved.shown, last) == 0.0);
    hsa::AxesChoice moment = choice;
    moment.second = 11.0;
    choose(world, moment);
    const SplatsScene stopped = make_splats_scene(world.context());
    CHECK(moved.at(world, 61.2, stopped, 2));
    CHECK(apart(moved.shown, last) < 1e-3);
    CHECK_FALSE(moved.at(world, 61.4, stopped, 2));
    CHECK_FALSE(moved.drawn.animating);
    CHECK_FALSE(moved.drawn.tour);
}

}  // namespace splatscope
