#pragma once

#include "app/render/camera.h"
#include "app/render/gl.h"

#include <cstdint>

namespace splatscope {

// How far colours fade into the ground with the distance from the eye: not at all at `near`, by
// `most` from `far` on. It says what is in front.
struct DepthFade {
    double near = 0.0;
    double far = 1.0;
    float most = 0.0F;
    Colour ground;
};

// Draws a scene into a target: binds it, clears colour and depth and sets what the painters rely
// on; at its end the samples are resolved and the state found before is back. Without a ground it
// goes on with what is in the target.
class SceneScope {
  public:
    SceneScope(const RenderTarget& target, Colour ground);
    explicit SceneScope(const RenderTarget& target);
    ~SceneScope();
    SceneScope(const SceneScope&) = delete;
    SceneScope& operator=(const SceneScope&) = delete;

  private:
    const RenderTarget& target_;
    std::int32_t framebuffer_ = 0;
    std::int32_t viewport_[4] = {};
};

// Sets the uniforms `view`, `projection` and `perspective`, or `fade` and `ground`, of the program
// in use.
void set_camera(std::uint32_t program, const OrbitCamera& camera);
void set_fade(std::uint32_t program, const DepthFade& fade);

}  // namespace splatscope
