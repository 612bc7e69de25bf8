#pragma once

#include "engine/compute/card/card.h"
#include "engine/compute/cuda/cuda_backend.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace hsa {

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

// A Card whose work is the kernels of this folder.
class CudaCard : public Card {
  public:
    explicit CudaCard(const CudaOptions& options);

    [[nodiscard]] std::string name() const override { return "cuda"; }
    [[nodiscard]] std::string device() const override { return device_; }
    [[nodiscard]] CardMemory memory() const override;
    [[nodiscard]] BlockLimits limits() const override { return {block_bytes_, kMostRows}; }
    void drop_blocks() override;
    [[nodiscard]] std::unique_ptr<OnCard> send(const CardForms& forms) override;
    void log_kernel(const CardForms& forms, const OnCard& splats, MatrixView<const float> x,
                    std::size_t stride, std::size_t first, std::span<const float> shift) override;
    void fill_kernel(std::size_t rows, std::size_t stride, std::size_t first, float logit) override;
    void exponentials(std::size_t rows, std::size_t k, std::span<const float> log_row_weight,
                      std::size_t tile, bool as_shares, MatrixView<float> most,
                      MatrixView<double> sums) override;
    [[nodiscard]] std::vector<std::uint32_t> softmax(std::size_t rows,
                                                     std::size_t columns) override;
    void multiply(std::size_t rows, std::size_t k, MatrixView<const float> b,
                  MatrixView<float> out) override;
    void multiply_chunks(std::size_t rows, std::size_t k, MatrixView<const float> b,
                         MatrixView<float> out) override;
    void read_kernel(std::size_t rows, std::size_t k, MatrixView<float> out) override;

  private:
    static constexpr std::size_t kMostRows = std::size_t{1} << 19U;  // of a grid of 65,535 groups
    // What holds blocks of rows: all the memory below.
    template <class Self>
    [[nodiscard]] static auto blocks_of(Self& self) {
        return std::array{&self.x_,    &self.ell_,   &self.shift_,  &self.weight_, &self.most_,
                          &self.sums_, &self.right_, &self.result_, &self.far_};
    }

    std::string device_;
    std::uint64_t block_bytes_ = std::uint64_t{1} << 31U;
    DeviceMemory x_;
    DeviceMemory ell_;
    DeviceMemory shift_;
    DeviceMemory weight_;
    DeviceMemory most_;
    DeviceMemory sums_;
    DeviceMemory right_;
    DeviceMemory result_;
    DeviceMemory far_;
};

}  // namespace hsa
