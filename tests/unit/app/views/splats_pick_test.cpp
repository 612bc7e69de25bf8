#include "app/views/splats_pick.h"

#include "tests/catch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace splatscope {
namespace {

constexpr std::array<float, 6> kRound = {0.25F, 0.0F, 0.0F, 0.25F, 0.0F, 0.25F};

OrbitCamera front_camera() {
    OrbitCamera camera;
    camera.distance = 10.0;
    camera.width = 400;
    camera.height = 300;
    return camera;  // looks along the third axis, right is the first, up the second
}

SplatsScene::Body body(hsa::SplatId id, std::uint16_t level, const Vec3& centre,
                       float alpha = 1.0F) {
    SplatsScene::Body made;
    made.id = id;
    made.level = level;
    made.drawn = {ellipsoid_at(centre, kRound, 1.0), {}, alpha};
    return made;
}

void add_point(SplatsScene& scene, std::uint32_t token, const Vec3& place) {
    scene.points.push_back(
        {{static_cast<float>(place[0]), static_cast<float>(place[1]), static_cast<float>(place[2])},
         {}});
    scene.point_token.push_back(token);
}

Vec2 pixel_of(const OrbitCamera& camera, const Vec3& point) {
    return camera.project(point)->position;
}

TEST_CASE("the splat under the pixel is picked, of two the front one", "[views][pick]") {
    const OrbitCamera camera = front_camera();
    SplatsScene scene;
    scene.bodies = {body(7, 0, {0, 0, -2}), body(8, 0, {0.2, 0, 2}), body(9, 0, {1.5, 0, 0})};
    const Picked middle = pick(scene, camera, pixel_of(camera, {0.1, 0, 0}), true);
    REQUIRE(middle.body);
    CHECK(scene.bodies[*middle.body].id == 8);
    std::swap(scene.bodies[0], scene.bodies[1]);
    const Picked again = pick(scene, camera, pixel_of(camera, {0.1, 0, 0}), true);
    REQUIRE(again.body);
    CHECK(scene.bodies[*again.body].id == 8);
    const Picked right = pick(scene, camera, pixel_of(camera, {1.5, 0, 0}), true);
    REQUIRE(right.body);
    CHECK(scene.bodies[*right.body].id == 9);
    CHECK_FALSE(pick(scene, camera, {3.0F, 3.0F}, true).body);
}

TEST_CASE("just inside the silhouette is a hit, just outside is none", "[views][pick]") {
    const OrbitCamera camera = front_camera();
    SplatsScene scene;
    scene.bodies = {body(1, 0, {0.4, -0.3, 0})};
    for (const Vec3& edge : outline(scene.bodies[0].drawn.shape, camera, 24)) {
        const Vec2 middle = pixel_of(camera, {0.4, -0.3, 0});
        const Vec2 at = pixel_of(camera, edge);
        const auto between = [&](float t) {
            return Vec2{middle.x + t * (at.x - middle.x), middle.y + t * (at.y - middle.y)};
        };
        CHECK(pick(scene, camera, between(0.97F), true).body);
        CHECK_FALSE(pick(scene, camera, between(1.03F), true).body);
    }
}

TEST_CASE("a fine splat inside a coarse shell is what was meant", "[views][pick]") {
    const OrbitCamera camera = front_camera();
    SplatsScene scene;
    scene.bodies = {body(1, 1, {0, 0, 0.3}, 0.2F), body(2, 0, {0, 0, 0})};
    const Picked picked = pick(scene, camera, pixel_of(camera, {0, 0, 0}), true);
    REQUIRE(picked.body);
    CHECK(scene.bodies[*picked.body].id == 2);
}

TEST_CASE("a token near the pointer is picked unless a body hides it", "[views][pick]") {
    const OrbitCamera camera = front_camera();
    SplatsScene scene;
    add_point(scene, 40, {0, 0, -2});
    add_point(scene, 41, {1.0, 1.0, 0});
    Vec2 at = pixel_of(camera, {0, 0, -2});
    at.x += 3.0F;
    CHECK(pick(scene, camera, at, true).token == 40U);
    at.x += 20.0F;
    CHECK_FALSE(pick(scene, camera, at, true).token);

    at = pixel_of(camera, {0, 0, -2});
    scene.bodies = {body(5, 0, {0, 0, 0}, 1.0F)};
    CHECK_FALSE(pick(scene, camera, at, true).token);
    CHECK(pick(scene, camera, at, true).body);
    scene.bodies = {body(5, 1, {0, 0, 0}, 0.2F)};  // one looks through it
    CHECK(pick(scene, camera, at, true).token == 40U);
}

TEST_CASE("without bodies a splat is met near its centre", "[views][pick]") {
    const OrbitCamera camera = front_camera();
    SplatsScene scene;
    scene.bodies = {body(5, 0, {0, 0, 0})};
    Vec2 at = pixel_of(camera, {0, 0, 0});
    CHECK(pick(scene, camera, {at.x + 4.0F, at.y}, false).body);
    CHECK_FALSE(pick(scene, camera, {at.x + 8.0F, at.y}, false).body);
}

TEST_CASE("everything under a place is listed from the front", "[views][pick]") {
    const OrbitCamera camera = front_camera();
    SplatsScene scene;
    scene.bodies = {body(1, 1, {0, 0, -3}), body(2, 0, {0, 0, 3}), body(3, 0, {0, 0, 0}),
                    body(4, 0, {2.5, 0, 0})};
    add_point(scene, 40, {0, 0, 1.5});
    const std::vector<Picked> hits = hits_at(scene, camera, pixel_of(camera, {0, 0, 0}), true);
    REQUIRE(hits.size() == 4);
    CHECK(scene.bodies[*hits[0].body].id == 2);
    CHECK(hits[1].token == 40U);
    CHECK(scene.bodies[*hits[2].body].id == 3);
    CHECK(scene.bodies[*hits[3].body].id == 1);
    CHECK(hits_at(scene, camera, {3.0F, 3.0F}, true).empty());
}

TEST_CASE("of a crowd the hits are those within reach, and the nearest that shows is picked",
          "[views][pick]") {
    const OrbitCamera camera = front_camera();
    SplatsScene scene;
    scene.bodies = {body(1, 0, {0.3, 0.2, 0.4}), body(2, 1, {-0.4, 0, -0.5}, 0.2F)};
    for (std::uint32_t t = 0; t < 3000; ++t) {
        const auto along = static_cast<double>(t);
        add_point(scene, t,
                  {2.0 * std::sin(1.1 * along), 1.5 * std::cos(2.3 * along),
                   1.7 * std::sin(0.7 * along + 1.0)});
    }
    const auto gap = [&](std::size_t p, Vec2 at) {
        const std::array<float, 3>& place = scene.points[p].position;
        const Vec2 drawn =
            pixel_of(camera, {static_cast<double>(place[0]), static_cast<double>(place[1]),
                              static_cast<double>(place[2])});
        return std::hypot(static_cast<double>(drawn.x - at.x), static_cast<double>(drawn.y - at.y));
    };
    for (const bool with_bodies : {true, false})
        for (int place = 0; place < 40; ++place) {
            CAPTURE(with_bodies, place);
            const Vec2 at = {200.0F + 90.0F * static_cast<float>(std::sin(1.9 * place)),
                             150.0F + 60.0F * static_cast<float>(std::cos(0.8 * place))};
            std::size_t near = 0;
            double nearest = 6.0;
            for (std::size_t p = 0; p < scene.points.size(); ++p) {
                near += gap(p, at) < 6.0 ? 1 : 0;
                nearest = std::min(nearest, gap(p, at));
            }
            const std::vector<Picked> hits = hits_at(scene, camera, at, with_bodies);
            std::size_t tokens = 0;
            for (const Picked& hit : hits) tokens += hit.token ? 1 : 0;
            CHECK(tokens == near);
            const Picked picked = pick(scene, camera, at, with_bodies);
            if (picked.token && tokens == hits.size()) CHECK(gap(*picked.token, at) == nearest);
            if (tokens > 0 && tokens == hits.size()) CHECK(picked.token);
            const PickCycle::Choice choice = PickCycle().look(scene, camera, at, with_bodies, {});
            CHECK(choice.hits == hits.size());
            CHECK(choice.picked.body == picked.body);
            CHECK(choice.picked.token == picked.token);
        }
}

TEST_CASE("clicks on one place go through all that lies there and begin again", "[views][pick]") {
    const OrbitCamera camera = front_camera();
    SplatsScene scene;
    scene.bodies = {body(1, 1, {0, 0, 2}, 0.2F), body(2, 0, {0, 0, 0}), body(3, 0, {0, 0, -3})};
    const Vec2 at = pixel_of(camera, {0, 0, 0});
    PickCycle cycle;
    hsa::Selection selected;
    selected.splats = {1, 2, 3};  // as if each click added
    const auto id = [&](const PickCycle::Choice& choice) {
        return scene.bodies[*choice.picked.body].id;
    };
    CHECK(id(cycle.look(scene, camera, at, true, selected)) == 2);  // the fine one inside the shell
    const PickCycle::Choice first = cycle.take(scene, camera, at, true, selected);
    CHECK(id(first) == 2);
    CHECK(first.place == 1);
    CHECK(first.hits == 3);
    CHECK(id(cycle.look(scene, camera, at, true, selected)) == 2);
    CHECK(id(cycle.take(scene, camera, {at.x + 2.0F, at.y}, true, selected)) == 3);
    CHECK(id(cycle.look(scene, camera, at, true, selected)) == 3);
    // The scene is made anew between clicks: rows change, ids do not.
    std::swap(scene.bodies[0], scene.bodies[2]);
    CHECK(id(cycle.take(scene, camera, at, true, selected)) == 1);
    CHECK(id(cycle.take(scene, camera, at, true, selected)) == 2);
    selected.splats = {};  // what was taken is selected no more
    CHECK(id(cycle.take(scene, camera, at, true, selected)) == 2);
    selected.splats = {1, 2, 3};
    // Another place begins with what is meant there.
    CHECK_FALSE(cycle.take(scene, camera, {3.0F, 3.0F}, true, selected).picked.body);
    CHECK(id(cycle.take(scene, camera, at, true, selected)) == 2);
}

TEST_CASE("a closed line selects the splats in it, else the tokens in ranges", "[views][pick]") {
    const OrbitCamera camera = front_camera();
    SplatsScene scene;
    for (std::uint32_t t = 0; t < 6; ++t)
        add_point(scene, t, {t < 3 ? -1.0 : 1.0, 0.1 * static_cast<double>(t), 0});
    const auto around = [&](double x) {
        return std::array<Vec2, 4>{
            pixel_of(camera, {x - 0.5, -1, 0}), pixel_of(camera, {x + 0.5, -1, 0}),
            pixel_of(camera, {x + 0.5, 1, 0}), pixel_of(camera, {x - 0.5, 1, 0})};
    };
    CHECK(select_inside(scene, camera, around(-1.0)) == std::string("select.tokens 0:3"));
    CHECK(select_inside(scene, camera, around(1.0)) == std::string("select.tokens 3:6"));
    CHECK_FALSE(select_inside(scene, camera, around(3.0)));
    scene.bodies = {body(11, 0, {-1, 0, 0}), body(12, 1, {-1.1, 0, 0}), body(13, 0, {1, 0, 0})};
    CHECK(select_inside(scene, camera, around(-1.0)) == std::string("select.splats 11 12"));
}

TEST_CASE("of soft splats the one that gives the place most of its colour is picked",
          "[views][pick][soft]") {
    const OrbitCamera camera = front_camera();
    SplatsScene scene;
    scene.soft = true;
    // A faint one in front, wherever it stands in the level, a strong one behind.
    scene.bodies = {body(7, 0, {0.0, 0, 1.5}, 0.15F), body(8, 1, {0.0, 0, -1.0}, 0.8F)};
    const Vec2 middle = pixel_of(camera, {0, 0, 0});
    Picked picked = pick(scene, camera, middle, true);
    REQUIRE(picked.body);
    CHECK(scene.bodies[*picked.body].id == 8);
    // In front and strong it covers what is behind.
    scene.bodies[0].drawn.alpha = 0.9F;
    picked = pick(scene, camera, middle, true);
    REQUIRE(picked.body);
    CHECK(scene.bodies[*picked.body].id == 7);
    CHECK(hits_at(scene, camera, middle, true).size() == 2);
    // Within two standard deviations, not only within the ring of one.
    scene.bodies = {body(9, 0, {0, 0, 0}, 0.5F)};
    CHECK(pick(scene, camera, pixel_of(camera, {0.9, 0, 0}), true).body);
    CHECK_FALSE(pick(scene, camera, pixel_of(camera, {1.1, 0, 0}), true).body);
    CHECK_FALSE(pick(scene, camera, pixel_of(camera, {0.9, 0, 0}), false).body);
}

TEST_CASE("a token is picked before a soft splat unless the splats there hide it",
          "[views][pick][soft]") {
    const OrbitCamera camera = front_camera();
    SplatsScene scene;
    scene.soft = true;
    scene.bodies = {body(1, 0, {0, 0, 1}, 0.8F)};
    add_point(scene, 40, {0, 0, -1});
    const Vec2 middle = pixel_of(camera, {0, 0, 0});
    CHECK(pick(scene, camera, middle, true).token == 40U);
    // Two that hide .4 each hide .64 together.
    scene.bodies.push_back(body(2, 0, {0, 0, 0.5}, 0.8F));
    const Picked hidden = pick(scene, camera, middle, true);
    CHECK_FALSE(hidden.token);
    REQUIRE(hidden.body);
    CHECK(scene.bodies[*hidden.body].id == 1);
}

}  // namespace
}  // namespace splatscope
