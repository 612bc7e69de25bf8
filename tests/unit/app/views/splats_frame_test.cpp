#include "app/views/splats_frame.h"

#include "app/views/splats_camera.h"
#include "tests/catch.h"
#include "tests/unit/app/views/splats_world.h"

#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

namespace splatscope {
namespace {

// Splats of many shapes about the origin.
hsa::Layout some_layout(std::size_t k) {
    hsa::Layout layout;
    layout.centres = hsa::Matrix<float>(k, 3);
    layout.covariances = hsa::Matrix<float>(k, 6);
    for (std::size_t s = 0; s < k; ++s) {
        const auto at = static_cast<double>(s);
        layout.centres(s, 0) = static_cast<float>(2.0 * std::sin(1.3 * at));
        layout.centres(s, 1) = static_cast<float>(std::cos(2.1 * at));
        layout.centres(s, 2) = static_cast<float>(0.7 * std::sin(0.4 * at + 1.0));
        const std::array<float, 6> shape = {0.09F, 0.02F, -0.01F, 0.04F, 0.01F, 0.01F};
        for (std::size_t e = 0; e < 6; ++e) layout.covariances(s, e) = shape[e];
    }
    return layout;
}

OrbitCamera camera_at(double yaw, double pitch, bool orthographic) {
    OrbitCamera camera;
    camera.yaw = yaw;
    camera.pitch = pitch;
    camera.orthographic = orthographic;
    camera.width = 640;
    camera.height = 360;
    camera.right_margin = 60;
    return camera;
}

// The least number of pixels between an outline and the border that is nearest to it.
double least_air(const SceneFrame& frame, const OrbitCamera& camera) {
    double least = std::numeric_limits<double>::infinity();
    for (const Ellipsoid& body : frame.held)
        for (const Vec3& point : outline(body, camera, 48)) {
            const auto projected = camera.project(point);
            REQUIRE(projected);
            const auto x = static_cast<double>(projected->position.x);
            const auto y = static_cast<double>(projected->position.y);
            least = std::min({least, x, camera.width - x, y, camera.height - y});
        }
    return least;
}

TEST_CASE("framing holds every splat from everywhere, and wastes nothing", "[views][frame]") {
    const hsa::Matrix<float> none(0, 3);
    const SceneFrame frame = frame_of(some_layout(20), none, 2.0, false);
    REQUIRE(frame.held.size() == 20);
    CHECK(frame.outliers == 0);
    for (const bool orthographic : {false, true})
        for (int turn = 0; turn < 12; ++turn) {
            CAPTURE(orthographic, turn);
            const OrbitCamera camera =
                framed(camera_at(0.55 * turn, 0.25 * (turn % 7 - 3), orthographic), frame);
            for (const Ellipsoid& body : frame.held) CHECK(wholly_seen(body, camera));
            const double air = least_air(frame, camera);
            CHECK(air >= 13.0);
            CHECK(air < 40.0);  // something touches the air around the scene
            OrbitCamera nearer = camera;
            nearer.distance *= 0.8;
            bool all = true;
            for (const Ellipsoid& body : frame.held) all = all && wholly_seen(body, nearer);
            CHECK_FALSE(all);
        }
}

TEST_CASE("framing keeps clear of what stands at the lower corners where there is room",
          "[views][frame]") {
    const hsa::Matrix<float> none(0, 3);
    const SceneFrame frame = frame_of(some_layout(20), none, 1.0, false);
    const std::vector<Rect> taken = {{{520, 240}, {640, 360}}, {{0, 290}, {150, 360}}};
    int clear = 0;
    int little = 0;
    const std::vector<Rect> huge = {{{60, 40}, {640, 360}}};
    for (const bool orthographic : {false, true})
        for (int turn = 0; turn < 12; ++turn) {
            CAPTURE(orthographic, turn);
            const OrbitCamera whole = camera_at(0.55 * turn, 0.25 * (turn % 7 - 3), orthographic);
            const OrbitCamera camera = framed(whole, frame, taken);
            const OrbitCamera widest = framed(whole, frame);
            CHECK(camera.distance >= widest.distance * (1.0 - 1e-9));
            CHECK(camera.distance <= 1.5 * widest.distance);
            if (camera.distance < 1.2 * widest.distance) ++little;
            std::array<std::size_t, 2> covered{};
            for (const Ellipsoid& body : frame.held) {
                CHECK(wholly_seen(body, camera));
                for (const Vec3& point : outline(body, camera, 48)) {
                    const Vec2 at = camera.project(point)->position;
                    for (std::size_t t = 0; t < 2; ++t) covered[t] += taken[t].contains(at) ? 1 : 0;
                }
            }
            clear += covered[0] == 0 && covered[1] == 0 ? 1 : 0;
            CHECK(framed(whole, frame, huge).distance == widest.distance);
        }
    CHECK(clear >= 20);  // of 24
    CHECK(little >= 12);
}

TEST_CASE("what is kept of framing follows the scene, the angles and the places",
          "[views][frame]") {
    const auto layout = std::make_shared<hsa::Layout>(some_layout(20));
    const auto points = std::make_shared<const hsa::Matrix<float>>(0, 3);
    KeptFrame kept;
    KeptFraming framing;
    std::vector<Rect> taken = {{{520, 240}, {640, 360}}};
    OrbitCamera camera = camera_at(0.6, 0.35, false);
    const auto check = [&](double sigma, bool everything) {
        const SceneFrame& frame = kept.of(layout, points, sigma, everything);
        CHECK(frame == frame_of(*layout, *points, sigma, everything));
        for (int times = 0; times < 2; ++times) {
            const OrbitCamera got = framing.of(camera, frame, taken);
            const OrbitCamera want = framed(camera, frame, taken);
            CHECK(got.pivot == want.pivot);
            CHECK(got.distance == want.distance);
            CHECK(got.yaw == want.yaw);
            CHECK(got.width == want.width);
        }
    };
    layout->centres(7, 1) = 60.0F;
    check(1.0, false);
    check(2.0, false);
    check(2.0, true);
    camera.yaw = -0.4;
    check(2.0, true);
    camera.orthographic = true;
    check(2.0, true);
    camera.width = 500;
    check(2.0, true);
    taken.push_back({{0, 290}, {150, 360}});
    check(1.0, false);
    taken.clear();
    check(1.0, false);
}

TEST_CASE("one far splat does not make the others small unless it is asked for", "[views][frame]") {
    const hsa::Matrix<float> none(0, 3);
    hsa::Layout layout = some_layout(20);
    const OrbitCamera before =
        framed(camera_at(0.6, 0.35, false), frame_of(layout, none, 1.0, false));
    layout.centres(7, 1) = 60.0F;
    const SceneFrame most = frame_of(layout, none, 1.0, false);
    CHECK(most.outliers == 1);
    CHECK(most.held.size() == 19);
    const OrbitCamera camera = framed(camera_at(0.6, 0.35, false), most);
    CHECK(camera.distance < 1.2 * before.distance);
    const Ellipsoid far = ellipsoid_at(point_at(layout.centres, 7), layout.covariances.row(7), 1.0);
    CHECK_FALSE(wholly_seen(far, camera));
    const SceneFrame all = frame_of(layout, none, 1.0, true);
    CHECK(all.outliers == 0);
    const OrbitCamera wide = framed(camera_at(0.6, 0.35, false), all);
    CHECK(wholly_seen(far, wide));
    CHECK(wide.distance > 5.0 * camera.distance);
}

TEST_CASE("a path leads to what its end frames, with far splats and without", "[views][frame]") {
    SmallWorld world = splats_world();
    auto layout = std::make_shared<hsa::Layout>(*world.snapshot->layout);
    layout->centres(0, 0) += 400.0F;
    world.snapshot->layout = layout;
    SplatsDesk& desk = world.session.desk.splats;
    const auto shown = [&] {
        SplatsCamera camera;
        Drawn drawn;
        return camera.frame(world.context(true), {{0.0F, 0.0F}, {640.0F, 400.0F}},
                            make_splats_scene(world.context(true)), {}, 0.0F, {}, drawn);
    };
    std::array<OrbitCamera, 2> at_rest;
    for (const bool everything : {false, true}) {
        desk.everything = everything;
        at_rest[everything ? 1 : 0] = shown();
    }
    REQUIRE(at_rest[1].distance > 2.0 * at_rest[0].distance);
    for (const bool everything : {false, true}) {
        desk.everything = everything;
        CameraPose to;
        to.everything = !everything;
        const OrbitCamera& from = at_rest[everything ? 1 : 0];
        const OrbitCamera& end = at_rest[everything ? 0 : 1];
        desk.way = CameraWay{to, 0.0};
        CHECK(shown().distance == Approx(from.distance));
        desk.way->share = 1.0;
        const OrbitCamera there = shown();
        CHECK(there.distance == Approx(end.distance));
        for (std::size_t a = 0; a < 3; ++a)
            CHECK(there.pivot[a] == Approx(end.pivot[a]).margin(1e-9));
    }
}

TEST_CASE("what is seen in whole is what lies between the borders", "[views][frame]") {
    for (const bool orthographic : {false, true}) {
        OrbitCamera camera = camera_at(0.3, -0.2, orthographic);
        camera.distance = 9.0;
        for (int place = 0; place < 60; ++place) {
            CAPTURE(orthographic, place);
            const Vec3 centre = {4.0 * std::sin(1.7 * place), 2.5 * std::cos(2.3 * place),
                                 1.5 * std::sin(0.9 * place)};
            const std::array<float, 6> shape = {0.3F, 0.1F, 0.0F, 0.2F, -0.05F, 0.1F};
            const Ellipsoid body = ellipsoid_at(centre, shape, 1.0);
            bool within = true;
            for (const Vec3& point : outline(body, camera, 720)) {
                const auto at = camera.project(point);
                within = within && at && at->position.x >= 0.0F && at->position.x <= 640.0F &&
                         at->position.y >= 0.0F && at->position.y <= 360.0F;
            }
            CHECK(wholly_seen(body, camera) == within);
        }
    }
}

}  // namespace
}  // namespace splatscope
