#include "app/render/splat_painter.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <numbers>
#include <utility>

namespace splatscope {
namespace {

constexpr float kOpaque = 0.98F;

struct Hull {
    std::vector<float> vertices;  // x, y, z
    std::vector<std::uint16_t> indices;
};

// A ball of 320 triangles around the unit sphere. The surface is solved for in each pixel; the hull
// only says which pixels to ask and gives them their depth.
Hull make_hull() {
    const double t = std::numbers::phi;
    std::vector<Vec3> points = {{-1, t, 0}, {1, t, 0}, {-1, -t, 0}, {1, -t, 0},
                                {0, -1, t}, {0, 1, t}, {0, -1, -t}, {0, 1, -t},
                                {t, 0, -1}, {t, 0, 1}, {-t, 0, -1}, {-t, 0, 1}};
    std::vector<std::array<std::size_t, 3>> faces = {
        {0, 11, 5},  {0, 5, 1},  {0, 1, 7},  {0, 7, 10}, {0, 10, 11}, {1, 5, 9}, {5, 11, 4},
        {11, 10, 2}, {10, 7, 6}, {7, 1, 8},  {3, 9, 4},  {3, 4, 2},   {3, 2, 6}, {3, 6, 8},
        {3, 8, 9},   {4, 9, 5},  {2, 4, 11}, {6, 2, 10}, {8, 6, 7},   {9, 8, 1}};
    const auto unit = [](const Vec3& p) { return (1.0 / std::sqrt(dot(p, p))) * p; };
    for (Vec3& p : points) p = unit(p);
    for (int round = 0; round < 2; ++round) {
        std::map<std::pair<std::size_t, std::size_t>, std::size_t> middles;
        const auto middle = [&](std::size_t a, std::size_t b) {
            const auto [place, is_new] =
                middles.emplace(std::pair(std::min(a, b), std::max(a, b)), points.size());
            if (is_new) points.push_back(unit(points[a] + points[b]));
            return place->second;
        };
        std::vector<std::array<std::size_t, 3>> finer;
        for (const auto& f : faces) {
            const std::size_t ab = middle(f[0], f[1]);
            const std::size_t bc = middle(f[1], f[2]);
            const std::size_t ca = middle(f[2], f[0]);
            finer.push_back({f[0], ab, ca});
            finer.push_back({f[1], bc, ab});
            finer.push_back({f[2], ca, bc});
            finer.push_back({ab, bc, ca});
        }
        faces = std::move(finer);
    }
    // Scaled until its faces touch the sphere from outside.
    double least = 1.0;
    for (const auto& f : faces) {
        const Vec3 centre = (1.0 / 3.0) * (points[f[0]] + points[f[1]] + points[f[2]]);
        least = std::min(least, std::sqrt(dot(centre, centre)));
    }
    Hull hull;
    for (const Vec3& p : points)
        for (const double x : p) hull.vertices.push_back(static_cast<float>(x / (0.998 * least)));
    for (const auto& f : faces)
        for (const std::size_t v : f) hull.indices.push_back(static_cast<std::uint16_t>(v));
    return hull;
}

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

}  // namespace

SplatPainter::SplatPainter()
    : program_(make_program("ellipsoid.vert", "ellipsoid.frag")),
      array_(make_vertex_array()),
      hull_vertices_(make_buffer()),
      hull_indices_(make_buffer()),
      instances_(make_buffer()) {
    const Hull hull = make_hull();
    index_count_ = static_cast<int>(hull.indices.size());
    glBindVertexArray(array_.get());
    glBindBuffer(GL_ARRAY_BUFFER, hull_vertices_.get());
    glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(hull.vertices.size() * sizeof(float)),
                 hull.vertices.data(), GL_STATIC_DRAW);
    attribute(0, 3, 3 * sizeof(float), 0, 0);
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, hull_indices_.get());
    glBufferData(GL_ELEMENT_ARRAY_BUFFER,
                 static_cast<GLsizeiptr>(hull.indices.size() * sizeof(std::uint16_t)),
                 hull.indices.data(), GL_STATIC_DRAW);
    glBindBuffer(GL_ARRAY_BUFFER, instances_.get());
    attribute(1, 3, sizeof(Instance), offsetof(Instance, centre), 1);
    attribute(2, 3, sizeof(Instance), offsetof(Instance, lower), 1);
    attribute(3, 3, sizeof(Instance), offsetof(Instance, lower) + 3 * sizeof(float), 1);
    attribute(4, 4, sizeof(Instance), offsetof(Instance, colour), 1);
    attribute(5, 1, sizeof(Instance), offsetof(Instance, side), 1);
    glBindVertexArray(0);
}

SplatPainter::Instance SplatPainter::instance_of(const SplatBody& body, float alpha, float side) {
    Instance instance{};
    for (std::size_t a = 0; a < 3; ++a)
        instance.centre[a] = static_cast<float>(body.shape.centre[a]);
    for (std::size_t e = 0; e < 6; ++e) instance.lower[e] = static_cast<float>(body.shape.lower[e]);
    const std::array<float, 3> colour = rgb(body.colour);
    instance.colour = {colour[0], colour[1], colour[2], alpha};
    instance.side = side;
    return instance;
}

void SplatPainter::draw_surfaces(std::vector<Surface>& surfaces, const OrbitCamera& camera,
                                 const DepthFade& fade, std::span<const Pass> passes) const {
    if (surfaces.empty()) return;
    std::stable_sort(surfaces.begin(), surfaces.end(),
                     [](const Surface& a, const Surface& b) { return a.height < b.height; });
    std::vector<Instance> sorted;
    sorted.reserve(surfaces.size());
    for (const Surface& surface : surfaces) sorted.push_back(surface.instance);
    const GLuint program = program_.get();
    glUseProgram(program);
    set_camera(program, camera);
    set_fade(program, fade);
    glEnable(GL_CULL_FACE);
    glFrontFace(GL_CCW);
    glBindVertexArray(array_.get());
    glBindBuffer(GL_ARRAY_BUFFER, instances_.get());
    glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(sorted.size() * sizeof(Instance)),
                 sorted.data(), GL_STREAM_DRAW);
    for (const Pass pass : passes) {
        glUniform1i(glGetUniformLocation(program, "part"), static_cast<int>(pass));
        glDepthMask(pass == Pass::opaque_inside ? GL_TRUE : GL_FALSE);
        glDrawElementsInstanced(GL_TRIANGLES, index_count_, GL_UNSIGNED_SHORT, nullptr,
                                static_cast<GLsizei>(sorted.size()));
    }
    glDepthMask(GL_TRUE);
    glBindVertexArray(0);
    glDisable(GL_CULL_FACE);
}

void SplatPainter::draw_opaque(std::span<const SplatBody> bodies, const OrbitCamera& camera,
                               const DepthFade& fade) const {
    std::vector<Surface> surfaces;
    for (const SplatBody& body : bodies)
        if (body.alpha >= kOpaque)
            surfaces.push_back(
                {dot(body.shape.centre, camera.towards_eye()), instance_of(body, 1.0F, 1.0F)});
    // The smooth edge covers its pixels in part: it is blended and leaves no depth.
    constexpr std::array<Pass, 2> kPasses = {Pass::opaque_inside, Pass::opaque_edge};
    draw_surfaces(surfaces, camera, fade, kPasses);
}

void SplatPainter::draw_translucent(std::span<const SplatBody> bodies, const OrbitCamera& camera,
                                    const DepthFade& fade) const {
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
    constexpr std::array<Pass, 1> kPasses = {Pass::translucent};
    draw_surfaces(surfaces, camera, fade, kPasses);
}

}  // namespace splatscope
