#include "app/render/ellipsoid.h"

#include "app/render/scene.h"
#include "app/render/splat_painter.h"
#include "tests/catch.h"
#include "tests/unit/app/render/offscreen.h"

#include <array>
#include <cmath>
#include <span>
#include <vector>

namespace splatscope {
namespace {

constexpr Colour kBlack = {0, 0, 0};
constexpr Colour kWhite = {255, 255, 255};

// xx, xy, xz, yy, yz, zz; positive definite.
constexpr std::array<float, 6> kTilted = {1.3F, 0.5F, -0.3F, 0.6F, 0.2F, 0.9F};
constexpr std::array<float, 6> kRound = {0.5F, 0.0F, 0.0F, 0.5F, 0.0F, 0.5F};
constexpr std::array<float, 6> kNeedle = {2.0F, 0.0F, 0.0F, 0.02F, 0.0F, 0.02F};

double entry(const std::array<float, 6>& c, std::size_t row, std::size_t column) {
    constexpr std::size_t kAt[3][3] = {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}};
    return static_cast<double>(c[kAt[row][column]]);
}

// R Sigma R^T of two directions: the covariance as it is seen along the third.
std::array<double, 3> seen(const std::array<float, 6>& c, const Vec3& right, const Vec3& up) {
    std::array<double, 3> out{};
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j) {
            out[0] += right[i] * entry(c, i, j) * right[j];
            out[1] += right[i] * entry(c, i, j) * up[j];
            out[2] += up[i] * entry(c, i, j) * up[j];
        }
    return out;
}

Pixels drawn(const std::vector<SplatBody>& bodies, const OrbitCamera& camera) {
    const SplatPainter painter;
    const RenderTarget target(static_cast<int>(camera.width), static_cast<int>(camera.height), 1);
    {
        const SceneScope scope(target, kBlack);
        const DepthFade none;
        painter.draw_opaque(bodies, camera, none);
        painter.draw_translucent(bodies, camera, none);
    }
    return target.read();
}

TEST_CASE("the matrix of an ellipsoid squares to sigma^2 times the covariance", "[render]") {
    for (const double sigma : {0.5, 1.0, 3.0})
        for (const auto& covariance : {kTilted, kRound, kNeedle}) {
            const Ellipsoid body = ellipsoid_at({1, 2, 3}, covariance, sigma);
            const std::array<Vec3, 3> columns = {
                body.stretched({1, 0, 0}), body.stretched({0, 1, 0}), body.stretched({0, 0, 1})};
            for (std::size_t i = 0; i < 3; ++i)
                for (std::size_t j = 0; j < 3; ++j) {
                    double product = 0.0;
                    for (const Vec3& column : columns) product += column[i] * column[j];
                    CHECK(product == Approx(sigma * sigma * entry(covariance, i, j)).margin(1e-9));
                }
            const Vec3 v = {0.3, -1.2, 0.8};
            const Vec3 back = body.unstretched(body.stretched(v));
            for (std::size_t a = 0; a < 3; ++a) CHECK(back[a] == Approx(v[a]));
        }
}

TEST_CASE("the outline lies on the surface and touches the lines of sight", "[render]") {
    const Ellipsoid body = ellipsoid_at({0.2, 0.1, -0.4}, kTilted, 1.5);
    for (const bool orthographic : {false, true}) {
        const OrbitCamera camera = some_camera(500, 400, orthographic);
        const std::vector<Vec3> line = outline(body, camera, 36);
        REQUIRE(line.size() == 36);
        for (const Vec3& point : line) {
            const Vec3 u = body.unstretched(point - body.centre);
            CHECK(dot(u, u) == Approx(1.0));
            const auto place = camera.project(point);
            REQUIRE(place);
            // A ray a little inside meets the body, one outside does not.
            const auto middle = camera.project(body.centre);
            const auto at = [&](float t) {
                return Vec2{middle->position.x + t * (place->position.x - middle->position.x),
                            middle->position.y + t * (place->position.y - middle->position.y)};
            };
            CHECK(ray_enters(camera.ray(at(0.98F)), body) > 0.0);
            CHECK(ray_enters(camera.ray(at(1.02F)), body) < 0.0);
        }
    }
    OrbitCamera inside = some_camera(500, 400);
    inside.pivot = body.centre;
    inside.distance = 1e-3;
    CHECK(outline(body, inside, 36).empty());
    CHECK(ray_enters(inside.ray({250.0F, 200.0F}), body) < 0.0);
}

// Without perspective the image of a Gaussian is the Gaussian of R Sigma R^T: the pixels that the
// painter covers are those with x^T (R Sigma R^T)^-1 x <= sigma^2.
TEST_CASE("the drawn silhouette is that of R Sigma R^T", "[render][gl]") {
    const Offscreen offscreen;
    constexpr double kSigma = 1.5;
    for (const auto& covariance : {kTilted, kRound, kNeedle})
        for (const double yaw : {0.0, 0.9, 2.2}) {
            OrbitCamera camera = some_camera(240, 200, true);
            camera.yaw = yaw;
            const Vec3 centre = {0.5, -0.1, 0.3};
            const SplatBody body{ellipsoid_at(centre, covariance, kSigma), kWhite, 1.0F};
            const Pixels pixels = drawn({body}, camera);
            const auto [xx, xy, yy] = seen(covariance, camera.right(), camera.up());
            const double determinant = xx * yy - xy * xy;
            const auto middle = camera.project(centre);
            REQUIRE(middle);
            std::size_t inside = 0;
            std::size_t wrong = 0;
            for (int y = 0; y < pixels.height; ++y)
                for (int x = 0; x < pixels.width; ++x) {
                    // Centre of the pixel, in scene units from the middle of the Gaussian.
                    const double dx =
                        (x + 0.5 - static_cast<double>(middle->position.x)) * camera.pixel_length();
                    const double dy = -(y + 0.5 - static_cast<double>(middle->position.y)) *
                                      camera.pixel_length();
                    const double q =
                        (yy * dx * dx - 2.0 * xy * dx * dy + xx * dy * dy) / determinant;
                    // Pixels off the outline, from it: |grad sqrt(q)| in pixels.
                    const double gx = (yy * dx - xy * dy) / determinant;
                    const double gy = (xx * dy - xy * dx) / determinant;
                    const double slope =
                        std::hypot(gx, gy) * camera.pixel_length() / std::max(std::sqrt(q), 1e-9);
                    const double off = (kSigma - std::sqrt(q)) / slope;  // > 0 inside
                    if (off > 0.0) ++inside;
                    const bool covered = red(pixel_at(pixels, x, y)) > 0;
                    if (off > 1.0 && !covered) ++wrong;
                    if (off < -1.0 && covered) ++wrong;
                }
            INFO("yaw " << yaw << ", " << inside << " pixels");
            CHECK(inside > 100);
            CHECK(wrong == 0);
        }
}

// With perspective the exact silhouette is where rays meet the body.
TEST_CASE("the drawn silhouette is where rays meet the body, with perspective too",
          "[render][gl]") {
    const Offscreen offscreen;
    OrbitCamera camera = some_camera(240, 200);
    camera.distance = 4.0;
    camera.right_margin = 40.0;
    const SplatBody body{ellipsoid_at({0.9, 0.3, 0.6}, kTilted, 1.0), kWhite, 1.0F};
    const Pixels pixels = drawn({body}, camera);
    const auto meets = [&](double x, double y) {
        return ray_enters(camera.ray({static_cast<float>(x), static_cast<float>(y)}), body.shape) >
               0.0;
    };
    std::size_t wrong = 0;
    std::size_t covered = 0;
    for (int y = 1; y + 1 < pixels.height; ++y)
        for (int x = 1; x + 1 < pixels.width; ++x) {
            // Pixels all of whose neighbours agree are off the edge.
            const bool here = meets(x + 0.5, y + 0.5);
            bool edge = false;
            for (const double d : {-1.0, 1.0})
                edge = edge || meets(x + 0.5 + d, y + 0.5) != here ||
                       meets(x + 0.5, y + 0.5 + d) != here;
            if (edge) continue;
            const bool drawn_here = red(pixel_at(pixels, x, y)) > 0;
            covered += drawn_here ? 1 : 0;
            wrong += drawn_here != here ? 1 : 0;
        }
    CHECK(covered > 1000);
    CHECK(wrong == 0);
}

TEST_CASE("the nearer of two opaque bodies is seen, in whatever order they come", "[render][gl]") {
    const Offscreen offscreen;
    const OrbitCamera camera = some_camera(120, 100);
    const Vec3 towards = camera.towards_eye();
    const SplatBody near{
        ellipsoid_at(camera.pivot + 1.5 * towards, kRound, 1.0), {255, 0, 0}, 1.0F};
    const SplatBody far{ellipsoid_at(camera.pivot - 1.5 * towards, kRound, 1.0), {0, 255, 0}, 1.0F};
    for (const auto& order : {std::vector<SplatBody>{near, far}, {far, near}}) {
        const std::uint32_t middle = pixel_at(drawn(order, camera), 60, 50);
        CHECK(red(middle) > 100);
        CHECK(green(middle) < red(middle) / 2);
    }
}

TEST_CASE("shells that are drawn one by one are those that are drawn together", "[render][gl]") {
    const Offscreen offscreen;
    const OrbitCamera camera = some_camera(200, 160);
    std::vector<SplatBody> bodies;
    for (int b = 0; b < 4; ++b)
        bodies.push_back({ellipsoid_at({0.3 * b, 0.1, -0.2 * b}, kTilted, 1.0),
                          b % 2 == 0 ? kWhite : Colour{200, 40, 90}, 0.4F});
    bodies.push_back({ellipsoid_at({0.2, 0.0, 0.0}, kRound, 1.0), kWhite, 1.0F});
    const SplatPainter painter;
    const RenderTarget target(200, 160, 1);
    const std::vector<SplatInstance> shells = shells_of(bodies, camera);
    CHECK(shells.size() == 8);  // the opaque one has none
    {
        const SceneScope scope(target, kBlack);
        painter.draw_opaque(bodies, camera, {});
        for (const SplatInstance& shell : shells)
            painter.draw_shells(std::span(&shell, 1), camera, {});
    }
    CHECK(target.read().values == drawn(bodies, camera).values);
}

TEST_CASE("a translucent body lets through what its opacity leaves", "[render][gl]") {
    const Offscreen offscreen;
    const OrbitCamera camera = some_camera(120, 100);
    const Vec3 towards = camera.towards_eye();
    const SplatBody behind{
        ellipsoid_at(camera.pivot - 3.0 * towards, kRound, 1.5), {0, 255, 0}, 1.0F};
    const int alone = green(pixel_at(drawn({behind}, camera), 60, 50));
    int before = alone;
    for (const float alpha : {0.2F, 0.5F, 0.8F}) {
        const SplatBody shell{ellipsoid_at(camera.pivot, kRound, 1.0), {255, 0, 0}, alpha};
        const std::uint32_t middle = pixel_at(drawn({behind, shell}, camera), 60, 50);
        INFO("opacity " << alpha);
        // Seen straight on, both shells together leave 1 - alpha.
        CHECK(green(middle) == Approx((1.0F - alpha) * static_cast<float>(alone)).margin(8));
        CHECK(green(middle) < before);
        before = green(middle);
    }
}

}  // namespace
}  // namespace splatscope
