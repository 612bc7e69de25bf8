#include "engine/compute/opengl/gl_buffer.h"

#include "engine/compute/card/card.h"
#include "engine/core/error.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <array>

namespace hsa {

void fail_gl(std::uint32_t error, const char* what) {
    // A driver that never heard of the error has another number for it, too.
    constexpr std::uint32_t kContextLost = 0x0507;
    if (error == GL_OUT_OF_MEMORY)
        throw CardFull(fmt::format("the graphics card has too little memory while {}", what));
    if (error == kContextLost)
        fail("the graphics card was reset while {}: its context is lost", what);
    fail("OpenGL failed (error 0x{:x}) while {}", error, what);
}

void check_gl(const char* what) {
    const GLenum error = glGetError();
    if (error == GL_NO_ERROR) return;
    constexpr int kMostErrors = 16;  // one that is lost says so for ever
    for (int more = 0; more < kMostErrors && glGetError() != GL_NO_ERROR; ++more) {
    }
    fail_gl(error, what);
}

GlBuffer::~GlBuffer() {
    if (name_ != 0) glDeleteBuffers(1, &name_);
}

void GlBuffer::reserve(std::size_t bytes) {
    const std::size_t wanted = std::max<std::size_t>(bytes, 16);
    if (name_ != 0 && bytes_ >= wanted) return;
    if (name_ == 0) glGenBuffers(1, &name_);
    bytes_ = 0;
    glBindBuffer(GL_SHADER_STORAGE_BUFFER, name_);
    glBufferData(GL_SHADER_STORAGE_BUFFER, static_cast<GLsizeiptr>(wanted), nullptr,
                 GL_DYNAMIC_COPY);
    check_gl("a buffer was made");
    bytes_ = wanted;
}

void GlBuffer::write(const void* from, std::size_t bytes, std::size_t offset) {
    if (bytes == 0) return;
    if (offset + bytes > bytes_) fault("{} bytes at {} of a buffer of {}", bytes, offset, bytes_);
    glBindBuffer(GL_SHADER_STORAGE_BUFFER, name_);
    glBufferSubData(GL_SHADER_STORAGE_BUFFER, static_cast<GLintptr>(offset),
                    static_cast<GLsizeiptr>(bytes), from);
    check_gl("numbers were sent to the card");
}

void GlBuffer::read(void* to, std::size_t bytes, std::size_t offset) const {
    if (bytes == 0) return;
    if (offset + bytes > bytes_) fault("{} bytes at {} of a buffer of {}", bytes, offset, bytes_);
    glBindBuffer(GL_SHADER_STORAGE_BUFFER, name_);
    glGetBufferSubData(GL_SHADER_STORAGE_BUFFER, static_cast<GLintptr>(offset),
                       static_cast<GLsizeiptr>(bytes), to);
    check_gl("results were read from the card");
}

void GlBuffer::bind(std::uint32_t binding) const {
    glBindBufferBase(GL_SHADER_STORAGE_BUFFER, binding, name_);
}

GlProgram::GlProgram(const std::string& name, const std::string& source) {
    const GLuint shader = glCreateShader(GL_COMPUTE_SHADER);
    const char* text = source.c_str();
    glShaderSource(shader, 1, &text, nullptr);
    glCompileShader(shader);
    std::array<char, 2000> log{};
    GLint good = GL_FALSE;
    glGetShaderiv(shader, GL_COMPILE_STATUS, &good);
    if (good != GL_TRUE) {
        glGetShaderInfoLog(shader, static_cast<GLsizei>(log.size()), nullptr, log.data());
        glDeleteShader(shader);
        fault("the shader {} does not compile: {}", name, log.data());
    }
    name_ = glCreateProgram();
    glAttachShader(name_, shader);
    glLinkProgram(name_);
    glDeleteShader(shader);
    glGetProgramiv(name_, GL_LINK_STATUS, &good);
    if (good == GL_TRUE) return;
    glGetProgramInfoLog(name_, static_cast<GLsizei>(log.size()), nullptr, log.data());
    glDeleteProgram(name_);
    name_ = 0;
    fault("the shader {} does not link: {}", name, log.data());
}

GlProgram::~GlProgram() {
    if (name_ != 0) glDeleteProgram(name_);
}

void GlProgram::use() const { glUseProgram(name_); }

void GlProgram::set(const char* uniform, std::uint32_t value) const {
    glUniform1ui(glGetUniformLocation(name_, uniform), value);
}

void GlProgram::set(const char* uniform, float value) const {
    glUniform1f(glGetUniformLocation(name_, uniform), value);
}

void GlProgram::run(std::size_t groups_x, std::size_t groups_y) const {
    glDispatchCompute(static_cast<GLuint>(groups_x), static_cast<GLuint>(groups_y), 1);
    glMemoryBarrier(GL_SHADER_STORAGE_BARRIER_BIT | GL_BUFFER_UPDATE_BARRIER_BIT);
    check_gl("a shader ran");
}

}  // namespace hsa
