#include "app/render/camera.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace splatscope {
namespace {

constexpr double kHalfAngle = 0.30;  // half the vertical field of view, radians
constexpr double kSteepest = 1.55;
constexpr double kTurnsAcross = 0.9;  // half turns for a drag over the picture's height

Mat4 identity() {
    Mat4 m{};
    m[0] = m[5] = m[10] = m[15] = 1.0F;
    return m;
}

}  // namespace

Vec3 operator+(const Vec3& a, const Vec3& b) { return {a[0] + b[0], a[1] + b[1], a[2] + b[2]}; }
Vec3 operator-(const Vec3& a, const Vec3& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }
Vec3 operator*(double s, const Vec3& a) { return {s * a[0], s * a[1], s * a[2]}; }
double dot(const Vec3& a, const Vec3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
double length(const Vec3& a) { return std::sqrt(dot(a, a)); }

Vec3 OrbitCamera::towards_eye() const {
    return {std::sin(yaw) * std::cos(pitch), std::sin(pitch), std::cos(yaw) * std::cos(pitch)};
}
Vec3 OrbitCamera::right() const { return {std::cos(yaw), 0.0, -std::sin(yaw)}; }
Vec3 OrbitCamera::up() const {
    return {-std::sin(yaw) * std::sin(pitch), std::cos(pitch), -std::cos(yaw) * std::sin(pitch)};
}
Vec3 OrbitCamera::eye() const { return pivot + distance * towards_eye(); }

Mat4 OrbitCamera::view() const {
    const std::array<Vec3, 3> rows = {right(), up(), towards_eye()};
    const Vec3 from = eye();
    Mat4 m = identity();
    for (std::size_t r = 0; r < 3; ++r) {
        for (std::size_t c = 0; c < 3; ++c) m[c * 4 + r] = static_cast<float>(rows[r][c]);
        m[12 + r] = static_cast<float>(-dot(rows[r], from));
    }
    return m;
}

Mat4 OrbitCamera::projection() const {
    const double near = distance * 0.02;
    const double far = distance * 20.0;
    const double aspect = width / height;
    Mat4 m{};
    if (orthographic) {
        const double half = distance * std::tan(kHalfAngle);
        m[0] = static_cast<float>(1.0 / (half * aspect));
        m[5] = static_cast<float>(1.0 / half);
        m[10] = static_cast<float>(-2.0 / (far + far));
        m[12] = static_cast<float>(-right_margin / width);
        m[15] = 1.0F;
    } else {
        const double f = 1.0 / std::tan(kHalfAngle);
        m[0] = static_cast<float>(f / aspect);
        m[5] = static_cast<float>(f);
        m[8] = static_cast<float>(right_margin / width);
        m[10] = static_cast<float>((far + near) / (near - far));
        m[11] = -1.0F;
        m[14] = static_cast<float>(2.0 * far * near / (near - far));
    }
    return m;
}

double OrbitCamera::pixel_length() const { return 2.0 * distance * std::tan(kHalfAngle) / height; }

std::optional<Projected> OrbitCamera::project(const Vec3& point) const {
    return Projector(*this)(point);
}

Projector::Projector(const OrbitCamera& camera)
    : right_(camera.right()),
      up_(camera.up()),
      towards_eye_(camera.towards_eye()),
      eye_(camera.eye()),
      nearest_(camera.distance * 0.02),
      scale_(1.0 / camera.pixel_length()),
      twice_tangent_(2.0 * std::tan(kHalfAngle)),
      centre_(camera.centre()),
      height_(camera.height),
      orthographic_(camera.orthographic) {}

std::optional<Projected> Projector::operator()(const Vec3& point) const {
    const Vec3 from_eye = point - eye_;
    const double depth = -dot(from_eye, towards_eye_);
    if (!orthographic_ && depth <= nearest_) return std::nullopt;
    const double scale = orthographic_ ? scale_ : height_ / (twice_tangent_ * depth);
    Projected out;
    out.position = {static_cast<float>(centre_ + dot(from_eye, right_) * scale),
                    static_cast<float>(0.5 * height_ - dot(from_eye, up_) * scale)};
    out.depth = depth;
    return out;
}

Ray OrbitCamera::ray(Vec2 pixel) const {
    const double x = static_cast<double>(pixel.x) - centre();
    const double y = 0.5 * height - static_cast<double>(pixel.y);
    if (orthographic) {
        const double length = pixel_length();
        return {eye() + (x * length) * right() + (y * length) * up(), -1.0 * towards_eye()};
    }
    const double unit = 2.0 * std::tan(kHalfAngle) / height;
    Vec3 direction = (x * unit) * right() + (y * unit) * up() - towards_eye();
    direction = (1.0 / std::sqrt(dot(direction, direction))) * direction;
    return {eye(), direction};
}

void OrbitCamera::orbit(double dx, double dy) {
    const double angle = kTurnsAcross * std::numbers::pi / height;
    yaw = std::remainder(yaw - dx * angle, 2.0 * std::numbers::pi);
    pitch = std::clamp(pitch + dy * angle, -kSteepest, kSteepest);
}

void OrbitCamera::pan(double dx, double dy) {
    const double length = pixel_length();
    pivot = pivot - (dx * length) * right() + (dy * length) * up();
}

void OrbitCamera::zoom(double factor, Vec2 pixel) {
    const double dx = static_cast<double>(pixel.x) - centre();
    const double dy = static_cast<double>(pixel.y) - 0.5 * height;
    const double before = pixel_length();
    distance /= factor;
    const double change = before - pixel_length();
    pivot = pivot + (dx * change) * right() - (dy * change) * up();
}

OrbitCamera between(const OrbitCamera& from, const OrbitCamera& to, double share) {
    OrbitCamera camera = share < 0.5 ? from : to;
    camera.pivot = from.pivot + share * (to.pivot - from.pivot);
    camera.yaw = from.yaw + share * std::remainder(to.yaw - from.yaw, 2.0 * std::numbers::pi);
    camera.pitch = from.pitch + share * (to.pitch - from.pitch);
    camera.distance = from.distance * std::pow(to.distance / from.distance, share);
    return camera;
}

double OrbitCamera::framing_distance(double radius) const {
    const double narrow = std::min(1.0, std::max(width - right_margin, 1.0) / height);
    return std::max(radius, 1e-9) / (std::sin(kHalfAngle) * narrow);
}

}  // namespace splatscope
