#include "app/render/gaussian_painter.h"

#include "app/render/hull.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace splatscope {
namespace {

// Standard deviations to which a Gaussian is drawn: beyond, an opaque one covers less than a step
// of 255 of a pixel.
constexpr double kReach = 3.33;

}  // namespace

float soft_alpha(const SplatBody& body) { return 0.5F * std::clamp(body.alpha, 0.0F, 1.0F); }

GaussianPainter::GaussianPainter()
    : program_(make_program("ellipsoid.vert", "gaussian.frag")),
      array_(make_vertex_array()),
      hull_vertices_(make_buffer()),
      hull_indices_(make_buffer()),
      instances_(make_buffer()) {
    const Hull hull = make_hull(0, kReach);
    index_count_ = static_cast<int>(hull.indices.size());
    glBindVertexArray(array_.get());
    bind_hull(hull, hull_vertices_, hull_indices_);
    glBindBuffer(GL_ARRAY_BUFFER, instances_.get());
    describe_instances();
    glBindVertexArray(0);
}

void GaussianPainter::load(std::span<const SplatBody> bodies) {
    bodies_.clear();
    std::vector<Vec3> centres;
    for (const SplatBody& body : bodies) {
        bodies_.push_back(instance_of(body, soft_alpha(body), 1.0F));
        centres.push_back(body.shape.centre);
    }
    order_.set(std::move(centres));
}

void GaussianPainter::draw(const OrbitCamera& camera, const DepthFade& fade) {
    if (bodies_.empty()) return;
    const std::vector<std::uint32_t>& order = order_.far_first(camera.towards_eye());
    glBindBuffer(GL_ARRAY_BUFFER, instances_.get());
    if (uploaded_ != order_.sorts()) {
        std::vector<SplatInstance> sorted;
        sorted.reserve(order.size());
        for (const std::uint32_t b : order) sorted.push_back(bodies_[b]);
        glBufferData(GL_ARRAY_BUFFER,
                     static_cast<GLsizeiptr>(sorted.size() * sizeof(SplatInstance)), sorted.data(),
                     GL_DYNAMIC_DRAW);
        uploaded_ = order_.sorts();
    }
    const GLuint program = program_.get();
    glUseProgram(program);
    set_camera(program, camera);
    set_fade(program, fade);
    // The far side of each hull: it is there when the eye is inside, too.
    glEnable(GL_CULL_FACE);
    glFrontFace(GL_CCW);
    glCullFace(GL_FRONT);
    glDepthMask(GL_FALSE);
    glBindVertexArray(array_.get());
    glDrawElementsInstanced(GL_TRIANGLES, index_count_, GL_UNSIGNED_SHORT, nullptr,
                            static_cast<GLsizei>(order.size()));
    glBindVertexArray(0);
    glDepthMask(GL_TRUE);
    glCullFace(GL_BACK);
    glDisable(GL_CULL_FACE);
}

}  // namespace splatscope
