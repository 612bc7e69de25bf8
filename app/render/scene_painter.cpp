#include "app/render/scene_painter.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace splatscope {
namespace {

constexpr int kRings = 20;
constexpr int kSegments = 32;

void set_camera(std::uint32_t program, const OrbitCamera& camera) {
    glUseProgram(program);
    const Mat4 view = camera.view();
    const Mat4 projection = camera.projection();
    glUniformMatrix4fv(glGetUniformLocation(program, "view"), 1, GL_FALSE, view.data());
    glUniformMatrix4fv(glGetUniformLocation(program, "projection"), 1, GL_FALSE, projection.data());
}

void attribute(GLuint place, GLint numbers, std::size_t stride, std::size_t offset,
               bool each_instance) {
    glEnableVertexAttribArray(place);
    glVertexAttribPointer(place, numbers, GL_FLOAT, GL_FALSE, static_cast<GLsizei>(stride),
                          reinterpret_cast<const void*>(offset));
    glVertexAttribDivisor(place, each_instance ? 1 : 0);
}

}  // namespace

ScenePainter::ScenePainter()
    : ellipsoid_program_(make_program("ellipsoid.vert", "ellipsoid.frag")),
      point_program_(make_program("point.vert", "point.frag")),
      line_program_(make_program("line.vert", "line.frag")),
      sphere_array_(make_vertex_array()),
      sphere_vertices_(make_buffer()),
      sphere_indices_(make_buffer()),
      instances_(make_buffer()),
      point_array_(make_vertex_array()),
      point_buffer_(make_buffer()),
      line_array_(make_vertex_array()),
      line_buffer_(make_buffer()) {
    std::vector<float> vertices;
    std::vector<std::uint16_t> indices;
    for (int r = 0; r <= kRings; ++r) {
        const double theta = std::numbers::pi * r / kRings;
        for (int s = 0; s <= kSegments; ++s) {
            const double phi = 2.0 * std::numbers::pi * s / kSegments;
            vertices.push_back(static_cast<float>(std::sin(theta) * std::cos(phi)));
            vertices.push_back(static_cast<float>(std::cos(theta)));
            vertices.push_back(static_cast<float>(std::sin(theta) * std::sin(phi)));
        }
    }
    for (int r = 0; r < kRings; ++r)
        for (int s = 0; s < kSegments; ++s) {
            const int a = r * (kSegments + 1) + s;
            const int b = a + kSegments + 1;
            for (const int v : {a, a + 1, b, b, a + 1, b + 1})
                indices.push_back(static_cast<std::uint16_t>(v));
        }
    sphere_index_count_ = static_cast<int>(indices.size());
    glBindVertexArray(sphere_array_.get());
    glBindBuffer(GL_ARRAY_BUFFER, sphere_vertices_.get());
    glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(vertices.size() * sizeof(float)),
                 vertices.data(), GL_STATIC_DRAW);
    attribute(0, 3, 3 * sizeof(float), 0, false);
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, sphere_indices_.get());
    glBufferData(GL_ELEMENT_ARRAY_BUFFER,
                 static_cast<GLsizeiptr>(indices.size() * sizeof(std::uint16_t)), indices.data(),
                 GL_STATIC_DRAW);
    glBindBuffer(GL_ARRAY_BUFFER, instances_.get());
    constexpr std::size_t kStride = sizeof(EllipsoidInstance);
    attribute(1, 3, kStride, offsetof(EllipsoidInstance, centre), true);
    for (GLuint column = 0; column < 3; ++column)
        attribute(2 + column, 3, kStride,
                  offsetof(EllipsoidInstance, shape) + column * 3 * sizeof(float), true);
    attribute(5, 4, kStride, offsetof(EllipsoidInstance, colour), true);
    attribute(6, 1, kStride, offsetof(EllipsoidInstance, lit), true);
    for (const auto& [array, buffer] :
         {std::pair{&point_array_, &point_buffer_}, std::pair{&line_array_, &line_buffer_}}) {
        glBindVertexArray(array->get());
        glBindBuffer(GL_ARRAY_BUFFER, buffer->get());
        attribute(0, 3, sizeof(PointInstance), offsetof(PointInstance, position), false);
        attribute(1, 4, sizeof(PointInstance), offsetof(PointInstance, colour), false);
    }
    glBindVertexArray(0);
}

void ScenePainter::clear(std::array<float, 4> colour) const {
    glDisable(GL_SCISSOR_TEST);
    glClearColor(colour[0] * colour[3], colour[1] * colour[3], colour[2] * colour[3], colour[3]);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
    glEnable(GL_DEPTH_TEST);
    glEnable(GL_BLEND);
    glBlendEquation(GL_FUNC_ADD);
    glBlendFunc(GL_ONE, GL_ONE_MINUS_SRC_ALPHA);
}

void ScenePainter::draw_sorted(std::vector<EllipsoidInstance>& instances, bool opaque) {
    if (instances.empty()) return;
    glDepthMask(opaque ? GL_TRUE : GL_FALSE);
    glBindBuffer(GL_ARRAY_BUFFER, instances_.get());
    glBufferData(GL_ARRAY_BUFFER,
                 static_cast<GLsizeiptr>(instances.size() * sizeof(EllipsoidInstance)),
                 instances.data(), GL_STREAM_DRAW);
    glDrawElementsInstanced(GL_TRIANGLES, sphere_index_count_, GL_UNSIGNED_SHORT, nullptr,
                            static_cast<GLsizei>(instances.size()));
    glDepthMask(GL_TRUE);
}

void ScenePainter::ellipsoids(std::span<const EllipsoidInstance> given, const OrbitCamera& camera,
                              std::array<float, 3> accent) {
    constexpr float kOpaque = 0.99F;
    const auto depth = [&](const EllipsoidInstance& e) {
        return dot({static_cast<double>(e.centre[0]), static_cast<double>(e.centre[1]),
                    static_cast<double>(e.centre[2])},
                   camera.towards_eye());
    };
    std::vector<EllipsoidInstance> opaque;
    std::vector<EllipsoidInstance> clear;
    for (const EllipsoidInstance& e : given) (e.colour[3] >= kOpaque ? opaque : clear).push_back(e);
    std::stable_sort(clear.begin(), clear.end(),
                     [&](const auto& a, const auto& b) { return depth(a) < depth(b); });
    set_camera(ellipsoid_program_.get(), camera);
    glUniform3fv(glGetUniformLocation(ellipsoid_program_.get(), "accent"), 1, accent.data());
    glUniform1i(glGetUniformLocation(ellipsoid_program_.get(), "perspective"),
                camera.orthographic ? 0 : 1);
    glEnable(GL_CULL_FACE);
    glFrontFace(GL_CCW);
    glBindVertexArray(sphere_array_.get());
    draw_sorted(opaque, true);
    draw_sorted(clear, false);
    glBindVertexArray(0);
    glDisable(GL_CULL_FACE);
}

void ScenePainter::points(std::span<const PointInstance> points, std::uint64_t key, float size,
                          const OrbitCamera& camera) {
    if (points.empty()) return;
    set_camera(point_program_.get(), camera);
    glUniform1f(glGetUniformLocation(point_program_.get(), "size"), size);
    glUniform1f(glGetUniformLocation(point_program_.get(), "distance_to_pivot"),
                camera.orthographic ? 0.0F : static_cast<float>(camera.distance));
    glEnable(GL_PROGRAM_POINT_SIZE);
    glBindVertexArray(point_array_.get());
    glBindBuffer(GL_ARRAY_BUFFER, point_buffer_.get());
    if (key != point_key_ || key == 0)
        glBufferData(GL_ARRAY_BUFFER,
                     static_cast<GLsizeiptr>(points.size() * sizeof(PointInstance)), points.data(),
                     GL_DYNAMIC_DRAW);
    point_key_ = key;
    glDrawArrays(GL_POINTS, 0, static_cast<GLsizei>(points.size()));
    glBindVertexArray(0);
}

void ScenePainter::lines(std::span<const LineVertex> vertices, float width,
                         const OrbitCamera& camera) {
    if (vertices.empty()) return;
    set_camera(line_program_.get(), camera);
    glLineWidth(width);
    glBindVertexArray(line_array_.get());
    glBindBuffer(GL_ARRAY_BUFFER, line_buffer_.get());
    glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(vertices.size() * sizeof(LineVertex)),
                 vertices.data(), GL_STREAM_DRAW);
    glDrawArrays(GL_LINES, 0, static_cast<GLsizei>(vertices.size()));
    glBindVertexArray(0);
}

std::array<float, 9> ellipsoid_shape(std::span<const float> covariance, double sigma) {
    const double largest =
        std::max({static_cast<double>(covariance[0]), static_cast<double>(covariance[3]),
                  static_cast<double>(covariance[5]), 1e-30});
    const double least = 1e-4 * largest;
    const auto xx = static_cast<double>(covariance[0]) + least,
               xy = static_cast<double>(covariance[1]), xz = static_cast<double>(covariance[2]);
    const auto yy = static_cast<double>(covariance[3]) + least,
               yz = static_cast<double>(covariance[4]);
    const auto zz = static_cast<double>(covariance[5]) + least;
    const double a = std::sqrt(xx);
    const double b = xy / a;
    const double c = xz / a;
    const double d = std::sqrt(std::max(yy - b * b, least));
    const double e = (yz - b * c) / d;
    const double f = std::sqrt(std::max(zz - c * c - e * e, least));
    const auto s = [sigma](double x) { return static_cast<float>(sigma * x); };
    return {s(a), s(b), s(c), 0.0F, s(d), s(e), 0.0F, 0.0F, s(f)};
}

double ray_ellipsoid(const Ray& ray, const Vec3& centre, const std::array<float, 9>& shape) {
    // Solve L u = v for both ends: in that space the ellipsoid is the unit sphere.
    const auto inside = [&shape](const Vec3& v) {
        const double x = v[0] / static_cast<double>(shape[0]);
        const double y = (v[1] - static_cast<double>(shape[1]) * x) / static_cast<double>(shape[4]);
        const double z =
            (v[2] - static_cast<double>(shape[2]) * x - static_cast<double>(shape[5]) * y) /
            static_cast<double>(shape[8]);
        return Vec3{x, y, z};
    };
    const Vec3 o = inside(ray.origin - centre);
    const Vec3 d = inside(ray.direction);
    const double a = dot(d, d);
    const double b = dot(o, d);
    const double c = dot(o, o) - 1.0;
    const double root = b * b - a * c;
    if (root < 0.0) return -1.0;
    const double near = (-b - std::sqrt(root)) / a;
    return near > 0.0 ? near : -1.0;
}

}  // namespace splatscope
