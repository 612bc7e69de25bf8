#include "app/render/gaussian_painter.h"

#include "app/render/point_painter.h"
#include "app/render/scene.h"
#include "tests/catch.h"
#include "tests/unit/app/render/offscreen.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

namespace splatscope {
namespace {

constexpr std::array<float, 6> kSlanted = {0.5F, 0.2F, -0.1F, 0.3F, 0.1F, 0.4F};

SplatBody body_at(const Vec3& centre, Colour colour, float alpha) {
    return {ellipsoid_at(centre, kSlanted, 1.0), colour, alpha};
}

Pixels drawn(const std::vector<SplatBody>& bodies, const OrbitCamera& camera,
             const std::vector<ScenePoint>& points = {}) {
    GaussianPainter painter;
    PointPainter before;
    const RenderTarget target(static_cast<int>(camera.width), static_cast<int>(camera.height), 4);
    painter.load(bodies);
    before.load(points);
    {
        const SceneScope scope(target, {0, 0, 0});
        const DepthFade none;
        before.draw(9.0F, camera, none);
        painter.draw(camera, none);
    }
    return target.read();
}

// r^2 of the line of sight through the middle of a pixel.
double square_at(const Ellipsoid& shape, const OrbitCamera& camera, int x, int y) {
    const Ray ray = camera.ray({static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F});
    const Vec3 from = shape.unstretched(ray.origin - shape.centre);
    const Vec3 along = shape.unstretched(ray.direction);
    const Vec3 nearest = from - (dot(from, along) / dot(along, along)) * along;
    return dot(nearest, nearest);
}

// What the pixels should be: opacity times exp(-r^2 / 2), blended in the order of the centres.
std::array<double, 3> expected(std::vector<SplatBody> bodies, const OrbitCamera& camera, int x,
                               int y) {
    std::stable_sort(bodies.begin(), bodies.end(), [&](const SplatBody& a, const SplatBody& b) {
        return dot(a.shape.centre, camera.towards_eye()) <
               dot(b.shape.centre, camera.towards_eye());
    });
    std::array<double, 3> colour{};
    for (const SplatBody& body : bodies) {
        const double alpha = static_cast<double>(soft_alpha(body)) *
                             std::exp(-0.5 * square_at(body.shape, camera, x, y));
        const std::array<double, 3> own = {static_cast<double>(body.colour.r),
                                           static_cast<double>(body.colour.g),
                                           static_cast<double>(body.colour.b)};
        for (std::size_t c = 0; c < 3; ++c) colour[c] += alpha * (own[c] - colour[c]);
    }
    return colour;
}

// Three of one colour each, near one another, the nearest to the eye first: the order in which they
// must not be drawn.
std::vector<SplatBody> nearest_first(const OrbitCamera& camera) {
    const Vec3 way = camera.towards_eye();
    return {body_at(camera.pivot + 1.1 * way, {255, 0, 0}, 1.0F),
            body_at(camera.pivot + 0.3 * way + 0.2 * camera.right(), {0, 255, 0}, 0.7F),
            body_at(camera.pivot - 0.9 * way, {0, 0, 255}, 0.9F)};
}

TEST_CASE("every pixel of soft splats is what their formula says, in the order of their depth",
          "[render][gl][soft]") {
    const Offscreen offscreen;
    for (const bool orthographic : {false, true})
        for (const double margin : {0.0, 40.0}) {
            CAPTURE(orthographic, margin);
            OrbitCamera camera = some_camera(160, 120, orthographic);
            camera.right_margin = margin;
            const std::vector<SplatBody> bodies = nearest_first(camera);
            const Pixels pixels = drawn(bodies, camera);
            double worst = 0.0;
            for (int y = 2; y < 120; y += 5)
                for (int x = 2; x < 160; x += 5) {
                    const std::array<double, 3> wanted = expected(bodies, camera, x, y);
                    const std::uint32_t pixel = pixel_at(pixels, x, y);
                    for (const auto& [got, want] :
                         {std::pair(red(pixel), wanted[0]), std::pair(green(pixel), wanted[1]),
                          std::pair(blue(pixel), wanted[2])})
                        worst = std::max(worst, std::abs(static_cast<double>(got) - want));
                }
            CHECK(worst < 3.0);  // of 255: three roundings to bytes
            const std::uint32_t middle = pixel_at(pixels, static_cast<int>(80 - margin / 2), 60);
            CHECK(red(middle) > 100);  // the nearest covers half of the others
            CHECK(red(middle) > 2 * blue(middle));
        }
}

TEST_CASE("soft splats look the same in whatever order they come, from every side",
          "[render][gl][soft]") {
    const Offscreen offscreen;
    std::mt19937 random(11);
    std::uniform_real_distribution<double> place(-1.2, 1.2);
    std::uniform_int_distribution<int> byte(0, 255);
    std::vector<SplatBody> bodies;
    for (int b = 0; b < 60; ++b)
        bodies.push_back(body_at(
            {place(random), place(random), place(random)},
            {static_cast<std::uint8_t>(byte(random)), static_cast<std::uint8_t>(byte(random)),
             static_cast<std::uint8_t>(byte(random))},
            0.5F));
    for (const double yaw : {0.7, 2.6, -1.9}) {
        OrbitCamera camera = some_camera(96, 80);
        camera.yaw = yaw;
        // The nearest first is the worst order there is.
        std::sort(bodies.begin(), bodies.end(), [&](const SplatBody& a, const SplatBody& b) {
            return dot(a.shape.centre, camera.towards_eye()) >
                   dot(b.shape.centre, camera.towards_eye());
        });
        const Pixels worst = drawn(bodies, camera);
        std::vector<SplatBody> shuffled = bodies;
        std::shuffle(shuffled.begin(), shuffled.end(), random);
        CHECK(drawn(shuffled, camera).values == worst.values);
        const std::array<double, 3> wanted = expected(bodies, camera, 48, 40);
        const std::uint32_t middle = pixel_at(worst, 48, 40);
        CHECK(red(middle) == Approx(wanted[0]).margin(8.0));
        CHECK(green(middle) == Approx(wanted[1]).margin(8.0));
        CHECK(blue(middle) == Approx(wanted[2]).margin(8.0));
    }
}

TEST_CASE("soft splats are sorted once for a camera", "[render][gl][soft]") {
    const Offscreen offscreen;
    OrbitCamera camera = some_camera(40, 30);
    GaussianPainter painter;
    const RenderTarget target(40, 30, 1);
    painter.load(nearest_first(camera));
    const auto draw = [&] {
        const SceneScope scope(target, {0, 0, 0});
        painter.draw(camera, {});
    };
    draw();
    draw();
    camera.distance *= 2.0;  // nearer or farther is the same order
    draw();
    CHECK(painter.order().sorts() == 1);
    camera.yaw += 0.1;
    draw();
    CHECK(painter.order().sorts() == 2);
}

TEST_CASE("a token stands before or behind a soft splat where that is densest",
          "[render][gl][soft]") {
    const Offscreen offscreen;
    const OrbitCamera camera = some_camera(120, 100);
    const Vec3 way = camera.towards_eye();
    const std::vector<SplatBody> bodies = {body_at(camera.pivot, {0, 255, 0}, 1.0F)};
    const auto seen = [&](double height) {
        const Vec3 place = camera.pivot + height * way;
        const ScenePoint point = {{static_cast<float>(place[0]), static_cast<float>(place[1]),
                                   static_cast<float>(place[2])},
                                  {255, 0, 0}};
        return red(pixel_at(drawn(bodies, camera, {point}), 60, 50));
    };
    CHECK(seen(0.2) > 250);
    CHECK(seen(-0.2) < 140);
}

TEST_CASE("the eye inside a soft splat sees it", "[render][gl][soft]") {
    const Offscreen offscreen;
    OrbitCamera camera = some_camera(60, 50);
    camera.distance = 0.4;
    const Pixels pixels = drawn({body_at(camera.pivot, {0, 255, 0}, 0.9F)}, camera);
    CHECK(green(pixel_at(pixels, 30, 25)) == Approx(0.45 * 255.0).margin(2.0));
    CHECK((pixel_at(drawn({}, camera), 30, 25) & 0xffffffU) == 0U);
}

}  // namespace
}  // namespace splatscope
