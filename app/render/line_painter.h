#pragma once

#include "app/render/camera.h"
#include "app/render/gl.h"
#include "app/render/scene.h"

#include <array>
#include <span>

namespace splatscope {

// A straight line in the scene; its colour changes evenly from end to end.
struct SceneLine {
    std::array<float, 3> from{}, to{};
    Colour from_colour, to_colour;
    float width = 1.0F;  // logical pixels, the same however far away
};

// Draws lines into the bound target, hidden by opaque bodies in front of them; they hide nothing
// themselves. A set of lines stays on the device until it changes.
class LinePainter {
  public:
    LinePainter();

    // Sends the lines once for all pictures that follow. `scale`: pixels of the target a logical
    // one.
    void load(std::span<const SceneLine> lines, float scale);
    // `share`: of their opacity that the lines are drawn with.
    void draw(const OrbitCamera& camera, const DepthFade& fade, float share = 1.0F) const;

  private:
    GlName program_, array_, corners_, lines_;
    int count_ = 0;
};

}  // namespace splatscope
