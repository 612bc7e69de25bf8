#include "app/render/scene.h"

#include <epoxy/gl.h>

namespace splatscope {
namespace {

float share(std::uint8_t byte) { return static_cast<float>(byte) / 255.0F; }

}  // namespace

SceneScope::SceneScope(const RenderTarget& target) : target_(target) {
    glGetIntegerv(GL_FRAMEBUFFER_BINDING, &framebuffer_);
    glGetIntegerv(GL_VIEWPORT, viewport_);
    target_.bind();
    glDisable(GL_SCISSOR_TEST);
    glEnable(GL_DEPTH_TEST);
    glDepthFunc(GL_LESS);
    glEnable(GL_BLEND);
    glBlendEquation(GL_FUNC_ADD);
    glBlendFunc(GL_ONE, GL_ONE_MINUS_SRC_ALPHA);  // shaders multiply by alpha
}

SceneScope::SceneScope(const RenderTarget& target, Colour ground) : SceneScope(target) {
    const float alpha = share(ground.a);
    glClearColor(share(ground.r) * alpha, share(ground.g) * alpha, share(ground.b) * alpha, alpha);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
}

SceneScope::~SceneScope() {
    target_.resolve();
    glDisable(GL_DEPTH_TEST);
    glBindFramebuffer(GL_FRAMEBUFFER, static_cast<GLuint>(framebuffer_));
    glViewport(viewport_[0], viewport_[1], viewport_[2], viewport_[3]);
}

void set_camera(std::uint32_t program, const OrbitCamera& camera) {
    const Mat4 view = camera.view();
    const Mat4 projection = camera.projection();
    glUniformMatrix4fv(glGetUniformLocation(program, "view"), 1, GL_FALSE, view.data());
    glUniformMatrix4fv(glGetUniformLocation(program, "projection"), 1, GL_FALSE, projection.data());
    glUniform1i(glGetUniformLocation(program, "perspective"), camera.orthographic ? 0 : 1);
}

void set_fade(std::uint32_t program, const DepthFade& fade) {
    glUniform3f(glGetUniformLocation(program, "fade"), static_cast<float>(fade.near),
                static_cast<float>(fade.far), fade.most);
    glUniform3f(glGetUniformLocation(program, "ground"), share(fade.ground.r), share(fade.ground.g),
                share(fade.ground.b));
}

}  // namespace splatscope
