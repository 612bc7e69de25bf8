#include "app/render/camera.h"

#include "tests/catch.h"
#include "tests/unit/app/render/offscreen.h"

#include <array>
#include <cmath>
#include <vector>

namespace splatscope {
namespace {

double apart(const Vec3& a, const Vec3& b) { return std::sqrt(dot(a - b, a - b)); }

std::vector<OrbitCamera> cameras() {
    std::vector<OrbitCamera> all;
    for (const bool orthographic : {false, true})
        for (const double margin : {0.0, 120.0})
            for (const double yaw : {-2.5, 0.0, 0.7}) {
                OrbitCamera camera = some_camera(640, 400, orthographic);
                camera.yaw = yaw;
                camera.pitch = 0.3 * yaw;
                camera.right_margin = margin;
                all.push_back(camera);
            }
    return all;
}

const std::array<Vec3, 4> kPoints = {
    {{0.0, 0.0, 0.0}, {1.0, -0.5, 0.7}, {-1.5, 0.4, -1.1}, {0.2, 1.3, 0.9}}};

TEST_CASE("a projector gives each point the pixel that the camera's vectors give it", "[render]") {
    for (const OrbitCamera& camera : cameras()) {
        const Projector project(camera);
        for (const Vec3& point : kPoints) {
            const Vec3 from_eye = point - camera.eye();
            const double depth = -dot(from_eye, camera.towards_eye());
            // At the pivot's depth a pixel is as long as pixel_length() says.
            const double scale =
                (camera.orthographic ? 1.0 : camera.distance / depth) / camera.pixel_length();
            const auto projected = project(point);
            REQUIRE(projected);
            CHECK(projected->depth == depth);
            CHECK(static_cast<double>(projected->position.x) ==
                  Approx(camera.centre() + dot(from_eye, camera.right()) * scale));
            CHECK(static_cast<double>(projected->position.y) ==
                  Approx(0.5 * camera.height - dot(from_eye, camera.up()) * scale));
            CHECK(camera.project(point)->position == projected->position);
        }
        CHECK(project(camera.eye() + camera.towards_eye()).has_value() == camera.orthographic);
    }
}

TEST_CASE("right, up and towards the eye are a right-handed frame of length 1", "[render]") {
    for (const OrbitCamera& camera : cameras()) {
        const Vec3 r = camera.right();
        const Vec3 u = camera.up();
        const Vec3 e = camera.towards_eye();
        CHECK(dot(r, r) == Approx(1.0));
        CHECK(dot(u, u) == Approx(1.0));
        CHECK(dot(e, e) == Approx(1.0));
        CHECK(std::fabs(dot(r, u)) < 1e-12);
        CHECK(std::fabs(dot(r, e)) < 1e-12);
        CHECK(std::fabs(dot(u, e)) < 1e-12);
        const Vec3 crossed = {r[1] * u[2] - r[2] * u[1], r[2] * u[0] - r[0] * u[2],
                              r[0] * u[1] - r[1] * u[0]};
        CHECK(apart(crossed, e) < 1e-12);
    }
}

TEST_CASE("the ray through a projected point meets the point", "[render]") {
    for (const OrbitCamera& camera : cameras())
        for (const Vec3& point : kPoints) {
            const auto projected = camera.project(point);
            REQUIRE(projected);
            const Ray ray = camera.ray(projected->position);
            CHECK(dot(ray.direction, ray.direction) == Approx(1.0));
            const double along = dot(point - ray.origin, ray.direction);
            // Positions are kept in float: a thousandth of a pixel.
            CHECK(apart(ray.origin + along * ray.direction, point) < 2e-3 * camera.pixel_length());
        }
}

TEST_CASE("the matrices put a point where project does", "[render]") {
    for (const OrbitCamera& camera : cameras())
        for (const Vec3& point : kPoints) {
            const Mat4 view = camera.view();
            const Mat4 projection = camera.projection();
            std::array<double, 4> eye{};
            std::array<double, 4> clip{};
            for (std::size_t r = 0; r < 4; ++r) {
                eye[r] = static_cast<double>(view[12 + r]);
                for (std::size_t c = 0; c < 3; ++c)
                    eye[r] += static_cast<double>(view[4 * c + r]) * point[c];
            }
            for (std::size_t r = 0; r < 4; ++r)
                for (std::size_t c = 0; c < 4; ++c)
                    clip[r] += static_cast<double>(projection[4 * c + r]) * eye[c];
            const auto projected = camera.project(point);
            REQUIRE(projected);
            CHECK(0.5 * camera.width * (1.0 + clip[0] / clip[3]) ==
                  Approx(static_cast<double>(projected->position.x)).margin(1e-2));
            CHECK(0.5 * camera.height * (1.0 - clip[1] / clip[3]) ==
                  Approx(static_cast<double>(projected->position.y)).margin(1e-2));
            CHECK(std::fabs(clip[2]) < clip[3]);
        }
}

TEST_CASE("the pivot stands in the middle of what the margin leaves", "[render]") {
    for (const OrbitCamera& camera : cameras()) {
        const auto projected = camera.project(camera.pivot);
        REQUIRE(projected);
        CHECK(static_cast<double>(projected->position.x) ==
              Approx(0.5 * (camera.width - camera.right_margin)));
        CHECK(static_cast<double>(projected->position.y) == Approx(0.5 * camera.height));
        CHECK(projected->depth == Approx(camera.distance));
    }
}

TEST_CASE("an orbit there and back changes nothing, and keeps pivot and distance", "[render]") {
    for (OrbitCamera camera : cameras()) {
        const OrbitCamera before = camera;
        camera.orbit(37.0, -21.0);
        CHECK_FALSE(camera.yaw == Approx(before.yaw));
        CHECK(apart(camera.eye(), camera.pivot) == Approx(before.distance));
        camera.orbit(-37.0, 21.0);
        CHECK(camera.yaw == Approx(before.yaw));
        CHECK(camera.pitch == Approx(before.pitch));
        CHECK(apart(camera.pivot, before.pivot) == 0.0);
        // Never over the pole.
        camera.orbit(0.0, 1e6);
        CHECK(camera.pitch < 1.571);
    }
}

TEST_CASE("pan moves the pivot with the pointer; zoom keeps what is under it", "[render]") {
    for (const OrbitCamera& before : cameras()) {
        OrbitCamera camera = before;
        camera.pan(25.0, -14.0);
        const auto panned = camera.project(before.pivot);
        REQUIRE(panned);
        CHECK(static_cast<double>(panned->position.x) == Approx(before.centre() + 25.0));
        CHECK(static_cast<double>(panned->position.y) == Approx(0.5 * before.height - 14.0));

        camera = before;
        const Vec2 pointer = {417.0F, 123.0F};
        // A point at the pivot's depth.
        const Ray ray = before.ray(pointer);
        const double along = dot(before.pivot - ray.origin, before.towards_eye()) /
                             dot(ray.direction, before.towards_eye());
        const Vec3 point = ray.origin + along * ray.direction;
        camera.zoom(1.7, pointer);
        CHECK(camera.distance == Approx(before.distance / 1.7));
        const auto zoomed = camera.project(point);
        REQUIRE(zoomed);
        CHECK(zoomed->position.x == Approx(pointer.x).margin(1e-2));
        CHECK(zoomed->position.y == Approx(pointer.y).margin(1e-2));
    }
}

TEST_CASE("a framed ball touches the nearer edge and no more", "[render]") {
    for (OrbitCamera camera : cameras()) {
        if (camera.orthographic) continue;
        const double radius = 2.0;
        camera.distance = camera.framing_distance(radius);
        // The outline of a ball: a cone of that half angle.
        const double tangent = std::tan(std::asin(radius / camera.distance));
        const double pixels = tangent * camera.distance / camera.pixel_length();
        const double half = 0.5 * std::min(camera.width - camera.right_margin, camera.height);
        CHECK(pixels <= half + 0.01);
        CHECK(pixels > 0.95 * half);
    }
}

TEST_CASE("what is behind the eye has no place", "[render]") {
    const OrbitCamera camera = some_camera(640, 400);
    CHECK_FALSE(camera.project(camera.eye() + 1.0 * camera.towards_eye()));
    CHECK_FALSE(camera.project(camera.eye()));
}

}  // namespace
}  // namespace splatscope
