#pragma once

#include "engine/compute/card/on_card.h"
#include "engine/compute/opengl/gl_buffer.h"
#include "engine/compute/opengl/gl_thread.h"
#include "engine/core/matrix.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace hsa {

inline constexpr std::size_t kSide = 16;  // of a group of two dimensions
inline constexpr std::size_t kLane = 64;  // of one of one

// Steps of a thread's loops. Mesa's programs of the CPU leave all loops of a thread after 65,535
// in all, without a word; and a card that shows a window is not to be kept from it for long.
inline constexpr std::size_t kMostSteps = 60000;

[[nodiscard]] inline std::size_t groups(std::size_t count, std::size_t size) {
    return (count + size - 1) / size;
}

[[nodiscard]] inline std::uint32_t number(std::size_t value) {
    return static_cast<std::uint32_t>(value);
}

// A matrix as its rows one after the other.
template <class Number>
void write_rows(MatrixView<const Number> from, GlBuffer& to) {
    to.reserve(from.rows * from.cols * sizeof(Number));
    if (from.stride == from.cols) {
        to.write(from.rows == 0 ? nullptr : from.row(0).data(),
                 from.rows * from.cols * sizeof(Number));
        return;
    }
    for (std::size_t r = 0; r < from.rows; ++r)
        to.write(from.row(r).data(), from.cols * sizeof(Number), r * from.cols * sizeof(Number));
}

template <class Number>
void receive(const GlBuffer& from, MatrixView<Number> to) {
    if (to.stride == to.cols) {
        if (to.rows > 0) from.read(to.row(0).data(), to.rows * to.cols * sizeof(Number));
        return;
    }
    Matrix<Number> rows(to.rows, to.cols);
    from.read(rows.data(), rows.size() * sizeof(Number));
    for (std::size_t r = 0; r < to.rows; ++r)
        std::copy_n(rows.row(r).begin(), to.cols, to.row(r).begin());
}

// Rows in a buffer, freed on the context's thread.
class RowBuffer : public OnCard {
  public:
    explicit RowBuffer(std::shared_ptr<GlThread> thread) : thread_(std::move(thread)) {}
    ~RowBuffer() override {
        thread_->run([this] { held_.reset(); });
    }
    RowBuffer(const RowBuffer&) = delete;
    RowBuffer& operator=(const RowBuffer&) = delete;

    // All on the context's thread.
    template <class Number>
    void fill(MatrixView<const Number> rows) {
        held_ = std::make_unique<GlBuffer>();
        write_rows(rows, *held_);
    }
    void reserve(std::size_t bytes) { held_ = std::make_unique<GlBuffer>(bytes); }
    void bind(std::uint32_t binding) const { held_->bind(binding); }

  private:
    std::shared_ptr<GlThread> thread_;
    std::unique_ptr<GlBuffer> held_;
};

inline void bind_rows(const OnCard& rows, std::uint32_t binding) {
    dynamic_cast<const RowBuffer&>(rows).bind(binding);
}

}  // namespace hsa
