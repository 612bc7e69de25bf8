#include "app/render/line_painter.h"

#include "app/render/scene.h"
#include "app/render/splat_painter.h"
#include "tests/catch.h"
#include "tests/unit/app/render/offscreen.h"

#include <cmath>
#include <vector>

namespace splatscope {
namespace {

SceneLine line_between(const Vec3& a, const Vec3& b, float width) {
    SceneLine line;
    for (std::size_t c = 0; c < 3; ++c) {
        line.from[c] = static_cast<float>(a[c]);
        line.to[c] = static_cast<float>(b[c]);
    }
    line.from_colour = line.to_colour = {255, 255, 255};
    line.width = width;
    return line;
}

Pixels drawn(const std::vector<SceneLine>& lines, const OrbitCamera& camera,
             const std::vector<SplatBody>& bodies = {}, float scale = 1.0F) {
    LinePainter painter;
    const SplatPainter splats;
    const RenderTarget target(static_cast<int>(camera.width), static_cast<int>(camera.height), 8);
    painter.load(lines, scale);
    {
        const SceneScope scope(target, {0, 0, 0});
        const DepthFade none;
        splats.draw_opaque(bodies, camera, none);
        painter.draw(camera, none);
    }
    return target.read();
}

double light_of(const Pixels& pixels) {
    double sum = 0.0;
    for (const std::uint32_t pixel : pixels.values) sum += red(pixel) / 255.0;
    return sum;
}

TEST_CASE("a line lies where the projection says, as wide as it is told", "[render][gl]") {
    const Offscreen offscreen;
    const Vec3 a = {-0.8, -0.5, 0.4};
    const Vec3 b = {1.1, 0.6, -0.3};
    for (const bool orthographic : {false, true})
        for (const float width : {1.0F, 3.0F}) {
            OrbitCamera camera = some_camera(200, 160, orthographic);
            camera.right_margin = 30;
            const auto from = camera.project(a);
            const auto to = camera.project(b);
            REQUIRE((from && to));
            const double dx = static_cast<double>(to->position.x - from->position.x);
            const double dy = static_cast<double>(to->position.y - from->position.y);
            const double reach = std::hypot(dx, dy);
            const Pixels pixels = drawn({line_between(a, b, width)}, camera);
            CHECK(light_of(pixels) == Approx(reach * static_cast<double>(width)).epsilon(0.06));
            double farthest = 0.0;
            for (int j = 0; j < pixels.height; ++j)
                for (int i = 0; i < pixels.width; ++i) {
                    if (red(pixel_at(pixels, i, j)) < 20) continue;
                    const double x = i + 0.5 - static_cast<double>(from->position.x);
                    const double y = j + 0.5 - static_cast<double>(from->position.y);
                    farthest = std::max(farthest, std::abs(x * dy - y * dx) / reach);
                }
            CHECK(farthest <= 0.5 * static_cast<double>(width) + 1.0);
        }
    const OrbitCamera camera = some_camera(200, 160);
    CHECK(light_of(drawn({line_between(a, b, 1.0F)}, camera, {}, 2.0F)) ==
          Approx(light_of(drawn({line_between(a, b, 2.0F)}, camera))));
}

TEST_CASE("an opaque body hides the lines behind it, and lines hide nothing", "[render][gl]") {
    const Offscreen offscreen;
    OrbitCamera camera = some_camera(200, 160);
    camera.pivot = {};
    const Vec3 eye = camera.towards_eye();
    const auto across = [&](double towards) {
        return line_between(towards * eye - 1.0 * camera.right(),
                            towards * eye + 1.0 * camera.right(), 2.0F);
    };
    SplatBody body;
    body.shape.lower = {0.6, 0, 0, 0.6, 0, 0.6};
    body.colour = {0, 0, 255};
    const auto middle = [&](const std::vector<SceneLine>& lines) {
        return red(pixel_at(drawn(lines, camera, {body}), 100, 80));
    };
    CHECK(middle({across(2.0)}) > 150);
    CHECK(middle({across(-2.0)}) == middle({}));
    SceneLine clear = across(2.0);
    clear.from_colour.a = clear.to_colour.a = 0;
    CHECK(middle({clear, across(1.5)}) > 150);
}

TEST_CASE("the part of a line behind the eye is left out", "[render][gl]") {
    const Offscreen offscreen;
    OrbitCamera camera = some_camera(200, 160);
    camera.pivot = {};
    const Vec3 eye = camera.towards_eye();
    const Vec3 ahead = 0.6 * camera.right();
    const Vec3 behind = (2.0 * camera.distance) * eye + 0.6 * camera.right();
    const double forward = light_of(drawn({line_between(ahead, behind, 2.0F)}, camera));
    const double back = light_of(drawn({line_between(behind, ahead, 2.0F)}, camera));
    CHECK(forward == Approx(back).epsilon(0.02));
    CHECK(forward > 20.0);
    // It goes out of the picture at the right, where the line comes past the eye.
    const Pixels pixels = drawn({line_between(ahead, behind, 2.0F)}, camera);
    double left = 0.0;
    for (int j = 0; j < pixels.height; ++j)
        for (int i = 0; i < 100; ++i) left += red(pixel_at(pixels, i, j));
    CHECK(left == 0.0);
    CHECK(light_of(drawn({line_between((1.5 * camera.distance) * eye, behind, 2.0F)}, camera)) ==
          0.0);
}

}  // namespace
}  // namespace splatscope
