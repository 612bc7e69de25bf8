#pragma once

#include "app/render/camera.h"
#include "app/render/gl.h"
#include "app/render/scene.h"
#include "engine/core/range.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace splatscope {

struct ScenePoint {
    std::array<float, 3> position{};
    Colour colour;
    Marker shape = Marker::circle;  // a filled one or a ring; others are drawn as circles
};

// Draws tokens as points of some shape into the bound target, larger where they are nearer, hidden
// by what is in front of them. A set of points stays on the device until it changes.
class PointPainter {
  public:
    // Strides of up to 2,048 bytes are what OpenGL promises.
    static constexpr std::size_t kMostEvery = 2048 / sizeof(ScenePoint);

    PointPainter();

    // Sends the points once for all pictures that follow.
    void load(std::span<const ScenePoint> points);
    // `size`: pixels across at the pivot; the camera's picture is the bound target, pixel by pixel.
    // One of `every` points is drawn, the first and so on; at most kMostEvery.
    void draw(float size, const OrbitCamera& camera, const DepthFade& fade,
              std::size_t every = 1) const;
    // As the shader takes them: the insides of all points are drawn before their smooth edges.
    enum class Pass : int { inside = 1, edge = 2 };
    // A part of the same: one pass of the points in the range.
    void draw_some(Pass pass, hsa::Range points, float size, const OrbitCamera& camera,
                   const DepthFade& fade, std::size_t every = 1) const;
    [[nodiscard]] std::size_t count() const { return count_; }

  private:
    void describe(std::size_t every) const;

    GlName program_, array_, buffer_;
    std::size_t count_ = 0;
};

}  // namespace splatscope
