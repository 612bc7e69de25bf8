#pragma once

#include "engine/compute/card/on_card.h"
#include "engine/compute/cuda/calls.h"
#include "engine/core/matrix.h"

#include <cstddef>
#include <span>
#include <utility>

namespace hsa {

// Throws Error with what CUDA said.
void check_cuda(cuda::Problem problem, const char* what);

// Memory of the card. Throws Error with what CUDA said.
class DeviceMemory {
  public:
    DeviceMemory() = default;
    ~DeviceMemory();
    DeviceMemory(DeviceMemory&& other) noexcept
        : memory_(std::exchange(other.memory_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
    DeviceMemory& operator=(DeviceMemory&& other) noexcept {
        std::swap(memory_, other.memory_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    DeviceMemory(const DeviceMemory&) = delete;
    DeviceMemory& operator=(const DeviceMemory&) = delete;

    void reserve(std::size_t bytes);  // what was in it is lost where it grows
    void write(const void* from, std::size_t bytes);
    template <class Number>
    void write(std::span<const Number> values) {
        write(values.data(), values.size_bytes());
    }
    template <class Number>
    [[nodiscard]] Number* as() const {
        return static_cast<Number*>(memory_);
    }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

  private:
    void* memory_ = nullptr;
    std::size_t bytes_ = 0;
};

// Rows of numbers, or sums of them, one after the other.
class RowMemory : public OnCard {
  public:
    DeviceMemory rows;
};

[[nodiscard]] inline const DeviceMemory& memory_of(const OnCard& rows) {
    return dynamic_cast<const RowMemory&>(rows).rows;
}
[[nodiscard]] inline const float* rows_of(const OnCard& rows) {
    return memory_of(rows).as<float>();
}

template <class Number>
void receive_rows(const DeviceMemory& from, MatrixView<Number> to) {
    if (to.rows == 0 || to.cols == 0) return;
    check_cuda(cuda::copy_rows_from(to.row(0).data(), from.as<void>(), to.cols * sizeof(Number),
                                    to.stride * sizeof(Number), to.rows),
               "results were read from the card");
}

}  // namespace hsa
