#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace splatscope {

// Names of OpenGL objects that free themselves; they belong to the context that was current when
// they were made. All throw hsa::Error (renderer or fault) with what OpenGL said.

class GlName {
  public:
    using Free = void (*)(std::uint32_t);
    GlName() = default;
    GlName(std::uint32_t name, Free free) : name_(name), free_(free) {}
    GlName(GlName&& other) noexcept : name_(std::exchange(other.name_, 0)), free_(other.free_) {}
    GlName& operator=(GlName&& other) noexcept {
        std::swap(name_, other.name_);
        std::swap(free_, other.free_);
        return *this;
    }
    GlName(const GlName&) = delete;
    GlName& operator=(const GlName&) = delete;
    ~GlName() {
        if (name_ != 0) free_(name_);
    }
    [[nodiscard]] std::uint32_t get() const { return name_; }
    explicit operator bool() const { return name_ != 0; }

  private:
    std::uint32_t name_ = 0;
    Free free_ = nullptr;
};

// RGBA8 pixels, rows from the top.
struct Pixels {
    int width = 0;
    int height = 0;
    std::vector<std::uint32_t> values;
};

[[nodiscard]] GlName make_texture(int width, int height, const std::uint32_t* rgba, bool smooth);
[[nodiscard]] GlName make_buffer();
[[nodiscard]] GlName make_vertex_array();

// Compiled from two embedded files of shaders/; with SPLATSCOPE_SHADERS set, from that folder.
[[nodiscard]] GlName make_program(const std::string& vertex_file, const std::string& fragment_file);

// A place to draw into: colour and depth, multisampled, resolved into a texture.
class RenderTarget {
  public:
    // samples are limited to what the machine offers. Throws when the size is beyond its limit.
    RenderTarget(int width, int height, int samples);

    void bind() const;     // draws go here from now on
    void resolve() const;  // the samples become the texture's pixels
    [[nodiscard]] int width() const { return width_; }
    [[nodiscard]] int height() const { return height_; }
    [[nodiscard]] std::uint32_t texture() const { return texture_.get(); }
    // After resolve(). Colours are divided by alpha, as files hold them.
    [[nodiscard]] Pixels read() const;

  private:
    int width_ = 0;
    int height_ = 0;
    GlName colour_, depth_, samples_, texture_, resolved_;
};

[[nodiscard]] int largest_picture_side();
// Whether what draws is a program of the CPU, of the context that is current.
[[nodiscard]] bool is_drawn_by_cpu();

// The pixels of a texture whose row 0 is the bottom and whose colours are multiplied by alpha, as a
// RenderTarget leaves them; divided by alpha.
[[nodiscard]] Pixels read_texture(std::uint32_t name);

// An offset into the bound buffer, as the functions of vertex attributes take it.
[[nodiscard]] inline const void* buffer_offset(std::size_t bytes) {
    return reinterpret_cast<const void*>(bytes);  // NOLINT(performance-no-int-to-ptr): OpenGL's own
}

}  // namespace splatscope
