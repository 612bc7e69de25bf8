#pragma once

#include "engine/compute/card/card.h"
#include "engine/compute/cuda/cuda_backend.h"
#include "engine/compute/cuda/device_memory.h"
#include "engine/compute/cuda/download_buffers.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace hsa {

// A Card whose work is the kernels of this folder, on the device of that index.
class CudaCard : public Card {
  public:
    explicit CudaCard(const CudaOptions& options, int index = 0);
    ~CudaCard() override;
    CudaCard(const CudaCard&) = delete;
    CudaCard& operator=(const CudaCard&) = delete;

    [[nodiscard]] std::string name() const override { return "cuda"; }
    [[nodiscard]] std::string device() const override { return device_; }
    [[nodiscard]] CardMemory memory() const override;
    [[nodiscard]] BlockLimits limits() const override { return {block_bytes_, kMostRows}; }
    void drop_blocks() override;
    [[nodiscard]] std::unique_ptr<OnCard> send(const CardForms& forms) override;
    [[nodiscard]] std::unique_ptr<OnCard> send_rows(MatrixView<const float> rows) override;
    void log_kernel(const CardForms& forms, const OnCard& splats, const OnCard& x, std::size_t rows,
                    std::size_t stride, std::size_t first) override;
    void exponentials(std::size_t rows, std::size_t k, std::span<const float> log_row_weight,
                      MatrixView<float> most, MatrixView<double> sums) override;
    void keep_kernel() override;
    void read_kept(std::size_t rows, std::size_t k, MatrixView<float> out) override;
    void best(std::span<const float> shift, const BestColumns& out) override;
    void key_means(const CardForms& forms, const OnCard& splats, const OnCard& x,
                   std::span<const float> log_row_weight, const OnCard& values, std::size_t columns,
                   std::size_t rows, std::size_t first, std::size_t chunks) override;
    void joined_means(std::size_t chunks, const CardMeans& out) override;
    [[nodiscard]] std::vector<std::uint32_t> query_means(std::span<const CardQueries> parts,
                                                         MatrixView<const float> means,
                                                         MatrixView<float> out) override;
    void cells(const OnCard& p, const OnCard& k, std::size_t columns,
               MatrixView<float> out) override;
    [[nodiscard]] std::unique_ptr<OnCard> send_sums(MatrixView<const double> before) override;
    [[nodiscard]] std::unique_ptr<OnCard> range_means(
        const OnCard& rows, const OnCard& before, std::size_t columns, std::size_t tile,
        std::span<const RowRange> ranges, std::span<const std::uint32_t> chosen) override;
    void moments(const OnCard& weight, const OnCard& beside, std::size_t rows, bool goes_on,
                 MatrixView<double> out) override;
    [[nodiscard]] bool has(RowPass) const override { return true; }
    void kernel_to_keys(std::size_t rows, std::span<const float> log_mass) override;
    void compare(const CardComparison& of) override;
    void past(const CardPast& of) override;
    void totals(const CardTotals& of, std::span<double> log_total) override;
    void slopes(const CardSlopes& of) override;

  private:
    static constexpr std::size_t kMostRows = std::size_t{1} << 19U;  // of a grid of 65,535 groups
    // What holds blocks of rows and what is made of them: all the memory below.
    template <class Self>
    [[nodiscard]] static auto blocks_of(Self& self) {
        return std::array{&self.ell_,    &self.kept_,       &self.shift_,      &self.most_,
                          &self.sums_,   &self.other_most_, &self.other_sums_, &self.right_,
                          &self.result_, &self.joined_,     &self.chosen_,     &self.ratio_,
                          &self.slopes_, &self.products_,   &self.moments_};
    }
    void use() const;

    int index_;
    void* copies_ = nullptr;  // a stream
    DownloadBuffers downloads_;
    std::string device_;
    std::uint64_t block_bytes_ = std::uint64_t{1} << 31U;
    DeviceMemory ell_;
    DeviceMemory kept_;
    DeviceMemory shift_;
    DeviceMemory most_;
    DeviceMemory sums_;
    DeviceMemory other_most_;
    DeviceMemory other_sums_;
    DeviceMemory right_;
    DeviceMemory result_;
    DeviceMemory joined_;
    DeviceMemory chosen_;
    DeviceMemory ratio_;
    DeviceMemory slopes_;
    DeviceMemory products_;
    DeviceMemory moments_;
};

}  // namespace hsa
