#pragma once

#include "app/render/ellipsoid.h"
#include "app/render/gl.h"
#include "app/render/hull.h"
#include "app/render/scene.h"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace splatscope {

struct SplatBody {
    Ellipsoid shape;
    Colour colour;
    float alpha = 1.0F;  // from 0.98 on the body is opaque
};

// A body as its vertex shader takes it.
struct SplatInstance {
    std::array<float, 3> centre{};
    std::array<float, 6> lower{};
    std::array<float, 4> colour{};
    float side = 1.0F;  // 1: the shell towards the eye; -1: the one behind
};
[[nodiscard]] SplatInstance instance_of(const SplatBody& body, float alpha, float side);
// Give the bound vertex array the hull (attribute 0), or the bound buffer's instances (1 to 5).
void bind_hull(const Hull& hull, const GlName& vertices, const GlName& indices);
void describe_instances();

// The shells of the translucent bodies, two each, in the order in which they are drawn.
[[nodiscard]] std::vector<SplatInstance> shells_of(std::span<const SplatBody> bodies,
                                                   const OrbitCamera& camera);

// Draws Gaussians as shaded ellipsoids into the bound target. Every pixel solves for the exact
// surface, so that outlines are those of R Sigma R^T at any zoom, and smooth. Opaque bodies fill
// the depth buffer; translucent ones are two shells each, the far one before the near one, all in
// the order of their depth. Points and lines stand between the two calls.
class SplatPainter {
  public:
    SplatPainter();

    // `coarse`: through hulls of a quarter of the triangles; the surfaces are the same, only where
    // they cut each other is less exact.
    void draw_opaque(std::span<const SplatBody> bodies, const OrbitCamera& camera,
                     const DepthFade& fade, bool coarse = false) const;
    void draw_translucent(std::span<const SplatBody> bodies, const OrbitCamera& camera,
                          const DepthFade& fade, bool coarse = false) const;
    // The same in parts: one part after the other of shells_of these bodies for this camera.
    void draw_shells(std::span<const SplatInstance> shells, const OrbitCamera& camera,
                     const DepthFade& fade, bool coarse = false) const;

  private:
    // As the shader takes them.
    enum class Pass : int { translucent = 0, opaque_inside = 1, opaque_edge = 2 };
    void draw_surfaces(std::span<const SplatInstance> surfaces, const OrbitCamera& camera,
                       const DepthFade& fade, std::span<const Pass> passes, bool coarse) const;

    GlName program_, array_, hull_vertices_, hull_indices_, instances_;
    std::size_t fine_ = 0, coarse_ = 0;  // indices of both hulls, one behind the other
};

}  // namespace splatscope
