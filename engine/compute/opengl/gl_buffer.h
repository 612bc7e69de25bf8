#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace hsa {

// A buffer of the card, freed on the thread that it belongs to (GlThread). All of these throw Error
// with what OpenGL said; there is too little memory on the card more often than not.
class GlBuffer {
  public:
    GlBuffer() = default;
    explicit GlBuffer(std::size_t bytes) { reserve(bytes); }
    ~GlBuffer();
    GlBuffer(GlBuffer&& other) noexcept
        : name_(std::exchange(other.name_, 0)), bytes_(std::exchange(other.bytes_, 0)) {}
    GlBuffer& operator=(GlBuffer&& other) noexcept {
        std::swap(name_, other.name_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    GlBuffer(const GlBuffer&) = delete;
    GlBuffer& operator=(const GlBuffer&) = delete;

    // At least so many; what was in it is lost where it grows. Never none: OpenGL binds no such.
    void reserve(std::size_t bytes);
    void write(const void* from, std::size_t bytes, std::size_t offset = 0);
    void read(void* to, std::size_t bytes, std::size_t offset = 0) const;
    template <class Number>
    void write(std::span<const Number> values) {
        reserve(values.size_bytes());
        write(values.data(), values.size_bytes());
    }
    void bind(std::uint32_t binding) const;  // of a program's `binding`
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

  private:
    std::uint32_t name_ = 0;
    std::size_t bytes_ = 0;
};

// A compute shader.
class GlProgram {
  public:
    // Throws a fault with the compiler's words and the name.
    GlProgram(const std::string& name, const std::string& source);
    ~GlProgram();
    GlProgram(GlProgram&& other) noexcept : name_(std::exchange(other.name_, 0)) {}
    GlProgram(const GlProgram&) = delete;
    GlProgram& operator=(const GlProgram&) = delete;
    GlProgram& operator=(GlProgram&&) = delete;

    void use() const;
    void set(const char* uniform, std::uint32_t value) const;
    void set(const char* uniform, float value) const;
    // Runs that many groups and makes what they wrote visible to what follows.
    void run(std::size_t groups_x, std::size_t groups_y) const;

  private:
    std::uint32_t name_ = 0;
};

// Throws Error where OpenGL has failed since it was last asked: `what` was being done. CardFull
// where it had no memory for it.
void check_gl(const char* what);
// Throws what an error of OpenGL's says.
[[noreturn]] void fail_gl(std::uint32_t error, const char* what);

}  // namespace hsa
