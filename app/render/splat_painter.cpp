#include "app/render/splat_painter.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace splatscope {
namespace {

constexpr float kOpaque = 0.98F;

void attribute(GLuint place, GLint numbers, std::size_t stride, std::size_t offset,
               GLuint divisor) {
    glEnableVertexAttribArray(place);
    glVertexAttribPointer(place, numbers, GL_FLOAT, GL_FALSE, static_cast<GLsizei>(stride),
                          buffer_offset(offset));
    glVertexAttribDivisor(place, divisor);
}

std::array<float, 3> rgb(Colour c) {
    return {static_cast<float>(c.r) / 255.0F, static_cast<float>(c.g) / 255.0F,
            static_cast<float>(c.b) / 255.0F};
}

// A surface and its height towards the eye: what is lower is drawn first.
struct Surface {
    double height = 0.0;
    SplatInstance instance;
};

std::vector<SplatInstance> sorted(std::vector<Surface> surfaces) {
    std::stable_sort(surfaces.begin(), surfaces.end(),
                     [](const Surface& a, const Surface& b) { return a.height < b.height; });
    std::vector<SplatInstance> instances;
    instances.reserve(surfaces.size());
    for (const Surface& surface : surfaces) instances.push_back(surface.instance);
    return instances;
}

}  // namespace

SplatInstance instance_of(const SplatBody& body, float alpha, float side) {
    SplatInstance instance;
    for (std::size_t a = 0; a < 3; ++a)
        instance.centre[a] = static_cast<float>(body.shape.centre[a]);
    for (std::size_t e = 0; e < 6; ++e) instance.lower[e] = static_cast<float>(body.shape.lower[e]);
    const std::array<float, 3> colour = rgb(body.colour);
    instance.colour = {colour[0], colour[1], colour[2], alpha};
    instance.side = side;
    return instance;
}

void bind_hull(const Hull& hull, const GlName& vertices, const GlName& indices) {
    glBindBuffer(GL_ARRAY_BUFFER, vertices.get());
    glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(hull.vertices.size() * sizeof(float)),
                 hull.vertices.data(), GL_STATIC_DRAW);
    attribute(0, 3, 3 * sizeof(float), 0, 0);
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, indices.get());
    glBufferData(GL_ELEMENT_ARRAY_BUFFER,
                 static_cast<GLsizeiptr>(hull.indices.size() * sizeof(std::uint16_t)),
                 hull.indices.data(), GL_STATIC_DRAW);
}

void describe_instances() {
    constexpr std::size_t kStride = sizeof(SplatInstance);
    attribute(1, 3, kStride, offsetof(SplatInstance, centre), 1);
    attribute(2, 3, kStride, offsetof(SplatInstance, lower), 1);
    attribute(3, 3, kStride, offsetof(SplatInstance, lower) + 3 * sizeof(float), 1);
    attribute(4, 4, kStride, offsetof(SplatInstance, colour), 1);
    attribute(5, 1, kStride, offsetof(SplatInstance, side), 1);
}

SplatPainter::SplatPainter()
    : program_(make_program("ellipsoid.vert", "ellipsoid.frag")),
      array_(make_vertex_array()),
      hull_vertices_(make_buffer()),
      hull_indices_(make_buffer()),
      instances_(make_buffer()) {
    // A ball around the unit sphere. The surface is solved for in each pixel; the hull only says
    // which pixels to ask and gives them their depth.
    Hull hull = make_hull(2);
    const Hull coarse = make_hull(1);
    fine_ = hull.indices.size();
    coarse_ = coarse.indices.size();
    const std::size_t before = hull.vertices.size() / 3;
    hull.vertices.insert(hull.vertices.end(), coarse.vertices.begin(), coarse.vertices.end());
    for (const std::uint16_t index : coarse.indices)
        hull.indices.push_back(static_cast<std::uint16_t>(before + index));
    glBindVertexArray(array_.get());
    bind_hull(hull, hull_vertices_, hull_indices_);
    glBindBuffer(GL_ARRAY_BUFFER, instances_.get());
    describe_instances();
    glBindVertexArray(0);
}

void SplatPainter::draw_surfaces(std::span<const SplatInstance> surfaces, const OrbitCamera& camera,
                                 const DepthFade& fade, std::span<const Pass> passes,
                                 bool coarse) const {
    if (surfaces.empty()) return;
    const GLuint program = program_.get();
    glUseProgram(program);
    set_camera(program, camera);
    set_fade(program, fade);
    glEnable(GL_CULL_FACE);
    glFrontFace(GL_CCW);
    glBindVertexArray(array_.get());
    glBindBuffer(GL_ARRAY_BUFFER, instances_.get());
    glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(surfaces.size_bytes()), surfaces.data(),
                 GL_STREAM_DRAW);
    for (const Pass pass : passes) {
        glUniform1i(glGetUniformLocation(program, "part"), static_cast<int>(pass));
        glDepthMask(pass == Pass::opaque_inside ? GL_TRUE : GL_FALSE);
        glDrawElementsInstanced(GL_TRIANGLES, static_cast<GLsizei>(coarse ? coarse_ : fine_),
                                GL_UNSIGNED_SHORT,
                                buffer_offset(coarse ? fine_ * sizeof(std::uint16_t) : 0),
                                static_cast<GLsizei>(surfaces.size()));
    }
    glDepthMask(GL_TRUE);
    glBindVertexArray(0);
    glDisable(GL_CULL_FACE);
}

void SplatPainter::draw_opaque(std::span<const SplatBody> bodies, const OrbitCamera& camera,
                               const DepthFade& fade, bool coarse) const {
    std::vector<Surface> surfaces;
    for (const SplatBody& body : bodies)
        if (body.alpha >= kOpaque)
            surfaces.push_back(
                {dot(body.shape.centre, camera.towards_eye()), instance_of(body, 1.0F, 1.0F)});
    // The smooth edge covers its pixels in part: it is blended and leaves no depth.
    constexpr std::array<Pass, 2> kPasses = {Pass::opaque_inside, Pass::opaque_edge};
    draw_surfaces(sorted(std::move(surfaces)), camera, fade, kPasses, coarse);
}

std::vector<SplatInstance> shells_of(std::span<const SplatBody> bodies, const OrbitCamera& camera) {
    std::vector<Surface> surfaces;
    const Vec3 to_eye = camera.towards_eye();
    for (const SplatBody& body : bodies) {
        if (body.alpha >= kOpaque) continue;
        // Both shells together let through 1 - alpha.
        const float each = 1.0F - std::sqrt(1.0F - body.alpha);
        const double height = dot(body.shape.centre, to_eye);
        const double reach = body.shape.reach(to_eye);
        surfaces.push_back({height - reach, instance_of(body, each, -1.0F)});
        surfaces.push_back({height + reach, instance_of(body, each, 1.0F)});
    }
    return sorted(std::move(surfaces));
}

void SplatPainter::draw_translucent(std::span<const SplatBody> bodies, const OrbitCamera& camera,
                                    const DepthFade& fade, bool coarse) const {
    draw_shells(shells_of(bodies, camera), camera, fade, coarse);
}

void SplatPainter::draw_shells(std::span<const SplatInstance> shells, const OrbitCamera& camera,
                               const DepthFade& fade, bool coarse) const {
    constexpr std::array<Pass, 1> kPasses = {Pass::translucent};
    draw_surfaces(shells, camera, fade, kPasses, coarse);
}

}  // namespace splatscope
