#pragma once

#include "app/render/camera.h"
#include "app/render/gl.h"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace splatscope {

// One ellipsoid: `shape` carries the unit sphere to it (its columns). alpha 1 is opaque.
struct EllipsoidInstance {
    std::array<float, 3> centre;
    std::array<float, 9> shape;
    std::array<float, 4> colour;  // 0..1, not premultiplied
    float lit = 0.0F;             // 1: rim in the accent colour
};

struct PointInstance {
    std::array<float, 3> position;
    std::array<float, 4> colour;
};

// A polyline's end points, two and two.
using LineVertex = PointInstance;

// Draws ellipsoids, points and lines into the bound target: opaque ones with the depth buffer,
// translucent ones from back to front over them.
class ScenePainter {
  public:
    ScenePainter();

    void clear(std::array<float, 4> colour) const;
    void ellipsoids(std::span<const EllipsoidInstance> instances, const OrbitCamera& camera,
                    std::array<float, 3> accent);
    // `key` names the content: points are sent again only when it changed.
    void points(std::span<const PointInstance> points, std::uint64_t key, float size,
                const OrbitCamera& camera);
    void lines(std::span<const LineVertex> vertices, float width, const OrbitCamera& camera);

  private:
    void draw_sorted(std::vector<EllipsoidInstance>& instances, bool opaque);

    GlName ellipsoid_program_, point_program_, line_program_;
    GlName sphere_array_, sphere_vertices_, sphere_indices_, instances_;
    GlName point_array_, point_buffer_;
    GlName line_array_, line_buffer_;
    int sphere_index_count_ = 0;
    std::uint64_t point_key_ = 0;
};

// Lower triangle L with L L^T = sigma^2 C for C given as xx, xy, xz, yy, yz, zz; tiny variances are
// lifted so that a flat Gaussian still has a body. Columns, as EllipsoidInstance::shape.
[[nodiscard]] std::array<float, 9> ellipsoid_shape(std::span<const float> covariance, double sigma);

// The nearest point where a ray enters the ellipsoid: its distance along the ray, or a negative
// number.
[[nodiscard]] double ray_ellipsoid(const Ray& ray, const Vec3& centre,
                                   const std::array<float, 9>& shape);

}  // namespace splatscope
