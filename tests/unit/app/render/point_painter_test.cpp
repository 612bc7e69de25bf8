#include "app/render/point_painter.h"

#include "app/render/scene.h"
#include "app/render/splat_painter.h"
#include "app/widgets/sign.h"
#include "tests/catch.h"
#include "tests/unit/app/render/offscreen.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace splatscope {
namespace {

ScenePoint point_at(const Vec3& place, Colour colour) {
    return {
        {static_cast<float>(place[0]), static_cast<float>(place[1]), static_cast<float>(place[2])},
        colour};
}

Pixels drawn(const std::vector<ScenePoint>& points, float size, const OrbitCamera& camera,
             const std::vector<SplatBody>& bodies = {}, std::size_t every = 1) {
    PointPainter painter;
    const SplatPainter splats;
    const RenderTarget target(static_cast<int>(camera.width), static_cast<int>(camera.height), 8);
    painter.load(points);
    {
        const SceneScope scope(target, {0, 0, 0});
        const DepthFade none;
        splats.draw_opaque(bodies, camera, none);
        painter.draw(size, camera, none, every);
    }
    return target.read();
}

TEST_CASE("one of as many points as OpenGL steps over is drawn", "[render][gl]") {
    const Offscreen offscreen;
    const OrbitCamera camera = some_camera(120, 100);
    constexpr std::size_t kEvery = PointPainter::kMostEvery;
    CHECK(kEvery > 64);
    CHECK(kEvery * sizeof(ScenePoint) <= 2048);
    std::vector<ScenePoint> all(2 * kEvery + 1, point_at({0.0, 0.0, 0.0}, {255, 0, 0}));
    std::vector<ScenePoint> some;
    for (std::size_t p = 0; p < 3; ++p) {
        const double at = static_cast<double>(p) - 1.0;
        some.push_back(point_at({0.8 * at, 0.5 * at, 0.3}, {255, 255, 255}));
        all[p * kEvery] = some.back();
    }
    const Pixels wanted = drawn(some, 6.0F, camera);
    const auto lit = [](std::uint32_t pixel) { return red(pixel) > 100; };
    CHECK(std::count_if(wanted.values.begin(), wanted.values.end(), lit) > 20);
    CHECK(drawn(all, 6.0F, camera, {}, kEvery).values == wanted.values);
}

TEST_CASE("a point is drawn where the projection says, and nowhere else", "[render][gl]") {
    const Offscreen offscreen;
    for (const bool orthographic : {false, true})
        for (const double margin : {0.0, 50.0}) {
            OrbitCamera camera = some_camera(200, 160, orthographic);
            camera.right_margin = margin;
            for (const Vec3& place :
                 std::vector<Vec3>{{0.3, -0.2, 0.1}, {1.2, 0.6, -0.8}, {-0.9, -1.0, 1.1}}) {
                const Pixels pixels = drawn({point_at(place, {255, 255, 255})}, 6.0F, camera);
                double x = 0.0;
                double y = 0.0;
                double mass = 0.0;
                double farthest = 0.0;
                const auto wanted = camera.project(place);
                REQUIRE(wanted);
                for (int j = 0; j < pixels.height; ++j)
                    for (int i = 0; i < pixels.width; ++i) {
                        const auto light = static_cast<double>(red(pixel_at(pixels, i, j)));
                        x += light * (i + 0.5);
                        y += light * (j + 0.5);
                        mass += light;
                        if (light > 0.0)
                            farthest = std::max(
                                farthest,
                                std::hypot(i + 0.5 - static_cast<double>(wanted->position.x),
                                           j + 0.5 - static_cast<double>(wanted->position.y)));
                    }
                REQUIRE(mass > 0.0);
                CHECK(x / mass == Approx(static_cast<double>(wanted->position.x)).margin(0.3));
                CHECK(y / mass == Approx(static_cast<double>(wanted->position.y)).margin(0.3));
                // A disc of the size that perspective gives it.
                const double nearer = orthographic ? 1.0 : camera.distance / wanted->depth;
                CHECK(farthest < 3.0 * nearer + 1.5);
                CHECK(mass / 255.0 ==
                      Approx(std::acos(-1.0) * 9.0 * nearer * nearer).epsilon(0.12));
            }
        }
}

TEST_CASE("points have the shapes of classes, each about as large as a circle",
          "[render][gl][sign]") {
    const Offscreen offscreen;
    const OrbitCamera camera = some_camera(60, 60, true);
    const auto picture_of = [&](Marker shape) {
        ScenePoint point = point_at(camera.pivot, {255, 255, 255});
        point.shape = shape;
        return drawn({point}, 16.0F, camera);
    };
    const auto mass = [](const Pixels& pixels) {
        double sum = 0.0;
        for (int j = 0; j < pixels.height; ++j)
            for (int i = 0; i < pixels.width; ++i)
                sum += static_cast<double>(red(pixel_at(pixels, i, j))) / 255.0;
        return sum;
    };
    const auto apart = [](const Pixels& a, const Pixels& b) {
        double sum = 0.0;
        for (int j = 0; j < a.height; ++j)
            for (int i = 0; i < a.width; ++i)
                sum += std::abs(static_cast<double>(red(pixel_at(a, i, j))) -
                                static_cast<double>(red(pixel_at(b, i, j)))) /
                       255.0;
        return sum;
    };
    const double circle = mass(picture_of(Marker::circle));
    std::vector<Pixels> pictures;
    for (std::size_t kind = 0; kind < 8; ++kind) {  // of a class each, the last of all others
        INFO(kind);
        pictures.push_back(picture_of(level_shape(kind)));
        CHECK(mass(pictures.back()) < 1.2 * circle);
        if (level_shape(kind) != Marker::ring) CHECK(mass(pictures.back()) > 0.75 * circle);
        for (std::size_t other = 0; other < kind; ++other) {
            INFO(other);
            CHECK(apart(pictures[kind], pictures[other]) > 0.12 * circle);
        }
    }
    // A triangle stands on its side, a wedge on its point: rows of a picture begin at the top.
    const auto width = [](const Pixels& pixels, int row) {
        int count = 0;
        for (int i = 0; i < pixels.width; ++i) count += red(pixel_at(pixels, i, row)) > 127;
        return count;
    };
    const Pixels triangle = picture_of(Marker::triangle), wedge = picture_of(Marker::wedge);
    CHECK(width(triangle, 34) > width(triangle, 26));
    CHECK(width(wedge, 34) < width(wedge, 26));
}

TEST_CASE("a point behind an opaque body is hidden, one before it is seen", "[render][gl]") {
    const Offscreen offscreen;
    const OrbitCamera camera = some_camera(120, 100);
    constexpr std::array<float, 6> kRound = {0.5F, 0.0F, 0.0F, 0.5F, 0.0F, 0.5F};
    const SplatBody body{ellipsoid_at(camera.pivot, kRound, 1.0), {0, 255, 0}, 1.0F};
    const Vec3 towards = camera.towards_eye();
    const Pixels behind =
        drawn({point_at(camera.pivot - 2.0 * towards, {255, 0, 0})}, 8.0F, camera, {body});
    const Pixels before =
        drawn({point_at(camera.pivot + 2.0 * towards, {255, 0, 0})}, 8.0F, camera, {body});
    CHECK(red(pixel_at(behind, 60, 50)) < 64);
    CHECK(green(pixel_at(behind, 60, 50)) > 100);
    CHECK(red(pixel_at(before, 60, 50)) > 200);
    CHECK(green(pixel_at(before, 60, 50)) < 64);
}

TEST_CASE("no points are no picture and no error", "[render][gl]") {
    const Offscreen offscreen;
    const Pixels pixels = drawn({}, 6.0F, some_camera(40, 30));
    for (const std::uint32_t pixel : pixels.values) CHECK((pixel & 0xffffffU) == 0U);
}

}  // namespace
}  // namespace splatscope
