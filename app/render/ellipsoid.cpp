#include "app/render/ellipsoid.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace splatscope {
namespace {

constexpr double kThinnest = 1e-4;  // least variance, as a share of the largest

Vec3 cross(const Vec3& a, const Vec3& b) {
    return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

Vec3 normalised(const Vec3& a) { return (1.0 / std::sqrt(dot(a, a))) * a; }

// Two directions that make a right-angled frame with `axis` (of length 1).
std::array<Vec3, 2> frame_around(const Vec3& axis) {
    const Vec3 helper = std::abs(axis[0]) < 0.6 ? Vec3{1.0, 0.0, 0.0} : Vec3{0.0, 1.0, 0.0};
    const Vec3 first = normalised(cross(axis, helper));
    return {first, cross(axis, first)};
}

}  // namespace

Vec3 Ellipsoid::stretched(const Vec3& u) const {
    return {lower[0] * u[0], lower[1] * u[0] + lower[3] * u[1],
            lower[2] * u[0] + lower[4] * u[1] + lower[5] * u[2]};
}

Vec3 Ellipsoid::unstretched(const Vec3& v) const {
    const double x = v[0] / lower[0];
    const double y = (v[1] - lower[1] * x) / lower[3];
    return {x, y, (v[2] - lower[2] * x - lower[4] * y) / lower[5]};
}

double Ellipsoid::reach(const Vec3& d) const {
    const Vec3 transposed = {lower[0] * d[0] + lower[1] * d[1] + lower[2] * d[2],
                             lower[3] * d[1] + lower[4] * d[2], lower[5] * d[2]};
    return std::sqrt(dot(transposed, transposed));
}

double Ellipsoid::radius_bound() const {
    double sum = 0.0;
    for (const double entry : lower) sum += entry * entry;
    return std::sqrt(sum);
}

Ellipsoid ellipsoid_at(const Vec3& centre, std::span<const float> covariance, double sigma) {
    const auto entry = [&](std::size_t e) { return static_cast<double>(covariance[e]); };
    const double least = kThinnest * std::max({entry(0), entry(3), entry(5), 1e-30});
    const double a = std::sqrt(std::max(entry(0), least));
    const double b = entry(1) / a;
    const double c = entry(2) / a;
    const double d = std::sqrt(std::max(entry(3) - b * b, least));
    const double e = (entry(4) - b * c) / d;
    const double f = std::sqrt(std::max(entry(5) - c * c - e * e, least));
    return {centre, {sigma * a, sigma * b, sigma * c, sigma * d, sigma * e, sigma * f}};
}

double ray_enters(const Ray& ray, const Ellipsoid& body) {
    // Where the body is the unit sphere.
    const Vec3 o = body.unstretched(ray.origin - body.centre);
    const Vec3 d = body.unstretched(ray.direction);
    const double a = dot(d, d);
    const double b = dot(o, d);
    const double c = dot(o, o) - 1.0;
    const double root = b * b - a * c;
    if (root < 0.0) return -1.0;
    const double near = (-b - std::sqrt(root)) / a;
    return near > 0.0 ? near : -1.0;
}

std::vector<Vec3> outline(const Ellipsoid& body, const OrbitCamera& camera, std::size_t count) {
    // Lines through e touch the unit sphere on the circle u.e = 1; parallel lines along e on u.e =
    // 0.
    Vec3 axis;
    double along = 0.0;
    double radius = 1.0;
    if (camera.orthographic) {
        axis = normalised(body.unstretched(camera.towards_eye()));
    } else {
        const Vec3 e = body.unstretched(camera.eye() - body.centre);
        const double length = std::sqrt(dot(e, e));
        if (length <= 1.0) return {};
        axis = (1.0 / length) * e;
        along = 1.0 / length;
        radius = std::sqrt(1.0 - along * along);
    }
    const std::array<Vec3, 2> side = frame_around(axis);
    std::vector<Vec3> points;
    points.reserve(count);
    for (std::size_t p = 0; p < count; ++p) {
        const double turn =
            2.0 * std::numbers::pi * static_cast<double>(p) / static_cast<double>(count);
        const Vec3 u = along * axis + (radius * std::cos(turn)) * side[0] +
                       (radius * std::sin(turn)) * side[1];
        points.push_back(body.centre + body.stretched(u));
    }
    return points;
}

}  // namespace splatscope
