#include "app/render/point_painter.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <cstddef>

namespace splatscope {
namespace {

// The numbers that point.frag knows shapes by.
static_assert(static_cast<int>(Marker::square) == 1 && static_cast<int>(Marker::diamond) == 2 &&
              static_cast<int>(Marker::triangle) == 3 && static_cast<int>(Marker::wedge) == 4 &&
              static_cast<int>(Marker::filled_plus) == 5 && static_cast<int>(Marker::star) == 6 &&
              static_cast<int>(Marker::ring) == 12 && sizeof(Marker) == 1);

}  // namespace

PointPainter::PointPainter()
    : program_(make_program("point.vert", "point.frag")),
      array_(make_vertex_array()),
      buffer_(make_buffer()) {
    glBindVertexArray(array_.get());
    glEnableVertexAttribArray(0);
    glEnableVertexAttribArray(1);
    glEnableVertexAttribArray(2);
    glBindVertexArray(0);
}

// Of the vertex array that is bound.
void PointPainter::describe(std::size_t every) const {
    glBindBuffer(GL_ARRAY_BUFFER, buffer_.get());
    const auto stride = static_cast<GLsizei>(every * sizeof(ScenePoint));
    glVertexAttribPointer(0, 3, GL_FLOAT, GL_FALSE, stride,
                          buffer_offset(offsetof(ScenePoint, position)));
    glVertexAttribPointer(1, 4, GL_UNSIGNED_BYTE, GL_TRUE, stride,
                          buffer_offset(offsetof(ScenePoint, colour)));
    glVertexAttribIPointer(2, 1, GL_UNSIGNED_BYTE, stride,
                           buffer_offset(offsetof(ScenePoint, shape)));
}

void PointPainter::load(std::span<const ScenePoint> points) {
    glBindBuffer(GL_ARRAY_BUFFER, buffer_.get());
    glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(points.size_bytes()), points.data(),
                 GL_DYNAMIC_DRAW);
    count_ = points.size();
}

void PointPainter::draw(float size, const OrbitCamera& camera, const DepthFade& fade,
                        std::size_t every) const {
    for (const Pass pass : {Pass::inside, Pass::edge})
        draw_some(pass, {0, count_}, size, camera, fade, every);
}

void PointPainter::draw_some(Pass pass, hsa::Range points, float size, const OrbitCamera& camera,
                             const DepthFade& fade, std::size_t every) const {
    const auto first = static_cast<GLsizei>((points.begin + every - 1) / every);
    const auto end = static_cast<GLsizei>((std::min(points.end, count_) + every - 1) / every);
    if (end <= first) return;
    const GLuint program = program_.get();
    glUseProgram(program);
    set_camera(program, camera);
    set_fade(program, fade);
    const auto place = [program](const char* name) { return glGetUniformLocation(program, name); };
    glUniform1f(place("size"), size);
    glUniform1f(place("distance_to_pivot"),
                camera.orthographic ? 0.0F : static_cast<float>(camera.distance));
    glUniform2f(place("viewport"), static_cast<float>(camera.width),
                static_cast<float>(camera.height));
    glEnable(GL_PROGRAM_POINT_SIZE);
    glBindVertexArray(array_.get());
    describe(every);
    glUniform1i(place("part"), static_cast<int>(pass));
    glDepthMask(pass == Pass::inside ? GL_TRUE : GL_FALSE);
    glDrawArrays(GL_POINTS, first, end - first);
    glDepthMask(GL_TRUE);
    glBindVertexArray(0);
}

}  // namespace splatscope
