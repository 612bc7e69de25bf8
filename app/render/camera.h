#pragma once

#include "app/render/canvas.h"

#include <array>
#include <optional>

namespace splatscope {

using Vec3 = std::array<double, 3>;
using Mat4 = std::array<float, 16>;  // column by column, as OpenGL takes it

// A point on the picture and its distance along the line of sight; in pixels from the top left
// corner.
struct Projected {
    Vec2 position;
    double depth = 0.0;
};

struct Ray {
    Vec3 origin;
    Vec3 direction;  // of length 1
};

// A camera that goes round a pivot: yaw about the second axis, pitch above the plane of the others.
struct OrbitCamera {
    Vec3 pivot{};
    double yaw = 0.0;
    double pitch = 0.0;
    double distance = 1.0;
    bool orthographic = false;
    double width = 1.0;  // of the picture, pixels
    double height = 1.0;
    double right_margin = 0.0;  // pixels kept free: the pivot stands in the middle of the rest

    [[nodiscard]] Mat4 view() const;
    [[nodiscard]] Mat4 projection() const;
    [[nodiscard]] Vec3 right() const;
    [[nodiscard]] Vec3 up() const;
    [[nodiscard]] Vec3 towards_eye() const;
    [[nodiscard]] Vec3 eye() const;
    // Nothing when the point is behind the eye.
    [[nodiscard]] std::optional<Projected> project(const Vec3& point) const;
    [[nodiscard]] Ray ray(Vec2 pixel) const;
    // Length in the scene of one pixel at the pivot.
    [[nodiscard]] double pixel_length() const;

    void orbit(double dx, double dy);      // pixels the pointer moved
    void pan(double dx, double dy);        // what is at the pivot's depth follows the pointer
    void zoom(double factor, Vec2 pixel);  // > 1 nearer; what is under the pointer stays there
    // Where the pivot stands, pixels from the left.
    [[nodiscard]] double centre() const { return 0.5 * (width - right_margin); }
    // Distance from which a sphere of that radius about the pivot fills the picture without the
    // margin.
    [[nodiscard]] double framing_distance(double radius) const;
};

// Between two cameras of one picture: angles the shorter way, distances by their ratio; whether
// there is perspective turns half way. `share` in [0,1].
[[nodiscard]] OrbitCamera between(const OrbitCamera& from, const OrbitCamera& to, double share);

// A camera's project() for many points, to the last bit: what does not depend on the point is
// worked out once.
class Projector {
  public:
    explicit Projector(const OrbitCamera& camera);
    [[nodiscard]] std::optional<Projected> operator()(const Vec3& point) const;

  private:
    Vec3 right_, up_, towards_eye_, eye_;
    double nearest_ = 0.0;        // depth at which points begin; without perspective all count
    double scale_ = 0.0;          // pixels a unit without perspective
    double twice_tangent_ = 0.0;  // of half the field of view
    double centre_ = 0.0;
    double height_ = 0.0;
    bool orthographic_ = false;
};

[[nodiscard]] Vec3 operator+(const Vec3& a, const Vec3& b);
[[nodiscard]] Vec3 operator-(const Vec3& a, const Vec3& b);
[[nodiscard]] Vec3 operator*(double s, const Vec3& a);
[[nodiscard]] double dot(const Vec3& a, const Vec3& b);
[[nodiscard]] double length(const Vec3& a);

}  // namespace splatscope
