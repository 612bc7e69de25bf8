#include "app/render/line_painter.h"

#include <epoxy/gl.h>

#include <cstddef>
#include <vector>

namespace splatscope {
namespace {

constexpr double kNearest = 0.02;  // of the camera's distance, as its own near plane
constexpr std::array<float, 8> kCorners = {0, -1, 1, -1, 0, 1, 1, 1};

void attribute(GLuint place, GLint numbers, GLenum type, std::size_t offset) {
    glEnableVertexAttribArray(place);
    glVertexAttribPointer(place, numbers, type, type == GL_UNSIGNED_BYTE ? GL_TRUE : GL_FALSE,
                          static_cast<GLsizei>(sizeof(SceneLine)), buffer_offset(offset));
    glVertexAttribDivisor(place, 1);
}

}  // namespace

LinePainter::LinePainter()
    : program_(make_program("line.vert", "line.frag")),
      array_(make_vertex_array()),
      corners_(make_buffer()),
      lines_(make_buffer()) {
    glBindVertexArray(array_.get());
    glBindBuffer(GL_ARRAY_BUFFER, corners_.get());
    glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(sizeof(kCorners)), kCorners.data(),
                 GL_STATIC_DRAW);
    glEnableVertexAttribArray(0);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 2 * sizeof(float), nullptr);
    glBindBuffer(GL_ARRAY_BUFFER, lines_.get());
    attribute(1, 3, GL_FLOAT, offsetof(SceneLine, from));
    attribute(2, 3, GL_FLOAT, offsetof(SceneLine, to));
    attribute(3, 4, GL_UNSIGNED_BYTE, offsetof(SceneLine, from_colour));
    attribute(4, 4, GL_UNSIGNED_BYTE, offsetof(SceneLine, to_colour));
    attribute(5, 1, GL_FLOAT, offsetof(SceneLine, width));
    glBindVertexArray(0);
}

void LinePainter::load(std::span<const SceneLine> lines, float scale) {
    std::vector<SceneLine> scaled(lines.begin(), lines.end());
    for (SceneLine& line : scaled) line.width *= scale;
    glBindBuffer(GL_ARRAY_BUFFER, lines_.get());
    glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(scaled.size() * sizeof(SceneLine)),
                 scaled.data(), GL_DYNAMIC_DRAW);
    count_ = static_cast<int>(scaled.size());
}

void LinePainter::draw(const OrbitCamera& camera, const DepthFade& fade, float share) const {
    if (count_ == 0) return;
    const GLuint program = program_.get();
    glUseProgram(program);
    set_camera(program, camera);
    set_fade(program, fade);
    const auto place = [program](const char* name) { return glGetUniformLocation(program, name); };
    glUniform1f(place("share"), share);
    glUniform1f(place("nearest"), static_cast<float>(kNearest * camera.distance));
    glUniform2f(place("viewport"), static_cast<float>(camera.width),
                static_cast<float>(camera.height));
    glDepthMask(GL_FALSE);
    glBindVertexArray(array_.get());
    glDrawArraysInstanced(GL_TRIANGLE_STRIP, 0, 4, count_);
    glBindVertexArray(0);
    glDepthMask(GL_TRUE);
}

}  // namespace splatscope
