#include "app/render/gl.h"

#include "app/embedded.h"
#include "engine/core/error.h"
#include "engine/io/file.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

namespace splatscope {
namespace {

GlName compile(GLenum kind, const std::string& file) {
    std::string text;
    if (const char* folder = std::getenv("SPLATSCOPE_SHADERS"))
        text = hsa::read_file(std::string(folder) + "/" + file);
    else text = embedded_text("shaders/" + file);
    GlName shader(glCreateShader(kind), [](std::uint32_t name) { glDeleteShader(name); });
    const char* source = text.data();
    const auto length = static_cast<GLint>(text.size());
    glShaderSource(shader.get(), 1, &source, &length);
    glCompileShader(shader.get());
    GLint good = 0;
    glGetShaderiv(shader.get(), GL_COMPILE_STATUS, &good);
    if (good != GL_TRUE) {
        std::array<char, 2048> log{};
        glGetShaderInfoLog(shader.get(), static_cast<GLsizei>(log.size()), nullptr, log.data());
        hsa::fault("the shader {} does not compile: {}", file, log.data());
    }
    return shader;
}

GlName make_framebuffer() {
    std::uint32_t name = 0;
    glGenFramebuffers(1, &name);
    return {name, [](std::uint32_t old) { glDeleteFramebuffers(1, &old); }};
}

GlName make_renderbuffer(int samples, GLenum format, int width, int height) {
    std::uint32_t name = 0;
    glGenRenderbuffers(1, &name);
    glBindRenderbuffer(GL_RENDERBUFFER, name);
    glRenderbufferStorageMultisample(GL_RENDERBUFFER, samples, format, width, height);
    return {name, [](std::uint32_t old) { glDeleteRenderbuffers(1, &old); }};
}

// Blending leaves colours multiplied by alpha; opaque pixels stay as they are.
std::uint32_t divided_by_alpha(std::uint32_t pixel) {
    const std::uint32_t alpha = pixel >> 24U;
    if (alpha == 255U) return pixel;
    if (alpha == 0U) return 0U;
    std::uint32_t result = alpha << 24U;
    for (const std::uint32_t shift : {0U, 8U, 16U}) {
        const std::uint32_t value = (pixel >> shift) & 0xffU;
        result |= std::min((value * 255U + alpha / 2U) / alpha, 255U) << shift;
    }
    return result;
}

// Rows from the bottom, colours multiplied by alpha, become what Pixels promises.
void make_upright(Pixels& pixels) {
    const auto row = static_cast<std::ptrdiff_t>(pixels.width);
    for (std::ptrdiff_t top = 0, bottom = pixels.height - 1; top < bottom; ++top, --bottom)
        std::swap_ranges(pixels.values.begin() + top * row, pixels.values.begin() + (top + 1) * row,
                         pixels.values.begin() + bottom * row);
    for (std::uint32_t& pixel : pixels.values) pixel = divided_by_alpha(pixel);
}

}  // namespace

GlName make_texture(int width, int height, const std::uint32_t* rgba, bool smooth) {
    std::uint32_t name = 0;
    glGenTextures(1, &name);
    glBindTexture(GL_TEXTURE_2D, name);
    const GLint filter = smooth ? GL_LINEAR : GL_NEAREST;
    // Cells stay crisp when they are larger than a pixel and are averaged when they are smaller.
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, filter);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, width, height, 0, GL_RGBA, GL_UNSIGNED_BYTE, rgba);
    return {name, [](std::uint32_t old) { glDeleteTextures(1, &old); }};
}

GlName make_buffer() {
    std::uint32_t name = 0;
    glGenBuffers(1, &name);
    return {name, [](std::uint32_t old) { glDeleteBuffers(1, &old); }};
}

GlName make_vertex_array() {
    std::uint32_t name = 0;
    glGenVertexArrays(1, &name);
    return {name, [](std::uint32_t old) { glDeleteVertexArrays(1, &old); }};
}

GlName make_program(const std::string& vertex_file, const std::string& fragment_file) {
    const GlName vertex = compile(GL_VERTEX_SHADER, vertex_file);
    const GlName fragment = compile(GL_FRAGMENT_SHADER, fragment_file);
    GlName program(glCreateProgram(), [](std::uint32_t name) { glDeleteProgram(name); });
    glAttachShader(program.get(), vertex.get());
    glAttachShader(program.get(), fragment.get());
    glLinkProgram(program.get());
    GLint good = 0;
    glGetProgramiv(program.get(), GL_LINK_STATUS, &good);
    if (good != GL_TRUE) {
        std::array<char, 2048> log{};
        glGetProgramInfoLog(program.get(), static_cast<GLsizei>(log.size()), nullptr, log.data());
        hsa::fault("the shaders {} and {} do not fit: {}", vertex_file, fragment_file, log.data());
    }
    return program;
}

bool is_drawn_by_cpu() {
    const auto* const name = reinterpret_cast<const char*>(glGetString(GL_RENDERER));
    const std::string_view renderer = name == nullptr ? "" : name;
    constexpr std::array<std::string_view, 4> kWords = {"llvmpipe", "softpipe", "SwiftShader",
                                                        "Software"};
    return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
        return renderer.find(word) != std::string_view::npos;
    });
}

int largest_picture_side() {
    GLint textures = 0;
    GLint buffers = 0;
    glGetIntegerv(GL_MAX_TEXTURE_SIZE, &textures);
    glGetIntegerv(GL_MAX_RENDERBUFFER_SIZE, &buffers);
    return std::min(textures, buffers);
}

RenderTarget::RenderTarget(int width, int height, int samples) : width_(width), height_(height) {
    const int limit = largest_picture_side();
    if (width > limit || height > limit)
        throw hsa::Error(hsa::ErrorKind::renderer,
                         fmt::format("A picture of {} x {} is beyond what this machine's OpenGL "
                                     "can draw ({} pixels a side): ask for "
                                     "a smaller one.",
                                     width, height, limit));
    GLint most = 0;
    glGetIntegerv(GL_MAX_SAMPLES, &most);
    const int used = std::min(samples, most);
    GLint before = 0;
    glGetIntegerv(GL_FRAMEBUFFER_BINDING, &before);
    colour_ = make_renderbuffer(used, GL_RGBA8, width, height);
    depth_ = make_renderbuffer(used, GL_DEPTH_COMPONENT24, width, height);
    samples_ = make_framebuffer();
    glBindFramebuffer(GL_FRAMEBUFFER, samples_.get());
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, colour_.get());
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_DEPTH_ATTACHMENT, GL_RENDERBUFFER, depth_.get());
    const bool whole = glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
    texture_ = make_texture(width, height, nullptr, true);
    resolved_ = make_framebuffer();
    glBindFramebuffer(GL_FRAMEBUFFER, resolved_.get());
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture_.get(), 0);
    const bool resolves = glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
    glBindFramebuffer(GL_FRAMEBUFFER, static_cast<GLuint>(before));
    if (!whole || !resolves)
        throw hsa::Error(
            hsa::ErrorKind::renderer,
            fmt::format("OpenGL has no room for a picture of {} x {}: ask for a smaller one.",
                        width, height));
}

void RenderTarget::bind() const {
    glBindFramebuffer(GL_FRAMEBUFFER, samples_.get());
    glViewport(0, 0, width_, height_);
}

void RenderTarget::resolve() const {
    glBindFramebuffer(GL_READ_FRAMEBUFFER, samples_.get());
    glBindFramebuffer(GL_DRAW_FRAMEBUFFER, resolved_.get());
    glBlitFramebuffer(0, 0, width_, height_, 0, 0, width_, height_, GL_COLOR_BUFFER_BIT,
                      GL_NEAREST);
    glBindFramebuffer(GL_FRAMEBUFFER, resolved_.get());
}

Pixels RenderTarget::read() const {
    Pixels pixels;
    pixels.width = width_;
    pixels.height = height_;
    pixels.values.resize(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_));
    glBindFramebuffer(GL_READ_FRAMEBUFFER, resolved_.get());
    glPixelStorei(GL_PACK_ALIGNMENT, 4);
    glReadPixels(0, 0, width_, height_, GL_RGBA, GL_UNSIGNED_BYTE, pixels.values.data());
    make_upright(pixels);
    return pixels;
}

Pixels read_texture(std::uint32_t name) {
    Pixels pixels;
    GLint before = 0;
    glGetIntegerv(GL_TEXTURE_BINDING_2D, &before);
    glBindTexture(GL_TEXTURE_2D, name);
    glGetTexLevelParameteriv(GL_TEXTURE_2D, 0, GL_TEXTURE_WIDTH, &pixels.width);
    glGetTexLevelParameteriv(GL_TEXTURE_2D, 0, GL_TEXTURE_HEIGHT, &pixels.height);
    pixels.values.resize(static_cast<std::size_t>(pixels.width) *
                         static_cast<std::size_t>(pixels.height));
    glPixelStorei(GL_PACK_ALIGNMENT, 4);
    glGetTexImage(GL_TEXTURE_2D, 0, GL_RGBA, GL_UNSIGNED_BYTE, pixels.values.data());
    glBindTexture(GL_TEXTURE_2D, static_cast<GLuint>(before));
    make_upright(pixels);
    return pixels;
}

}  // namespace splatscope
