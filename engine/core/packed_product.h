#pragma once

#include "engine/core/large_memory.h"
#include "engine/core/matrix.h"

#include <cstddef>
#include <span>
#include <vector>

namespace hsa {

// A matrix [inner, columns] laid out once for products with many rows from the left: the weights of
// a model.
class PackedMatrix {
  public:
    PackedMatrix() = default;
    explicit PackedMatrix(MatrixView<const float> b) : PackedMatrix(b.rows, b.cols) {
        for (std::size_t j = 0; j < b.rows; ++j) put_row(j, b.row(j));
    }
    // Zeros, to be filled by put_row and put_column.
    PackedMatrix(std::size_t inner, std::size_t columns);

    [[nodiscard]] std::size_t inner() const { return inner_; }
    [[nodiscard]] std::size_t columns() const { return columns_; }
    // Row j, from column `first` on.
    void put_row(std::size_t j, std::span<const float> values, std::size_t first = 0);
    void put_column(std::size_t column, std::span<const float> values);

    // Columns that lie side by side.
    static constexpr std::size_t kPanel = 64;
    [[nodiscard]] const float* panel(std::size_t index) const {
        return values_.data() + index * inner_ * kPanel;
    }

  private:
    [[nodiscard]] std::size_t place(std::size_t j, std::size_t column) const {
        return (column / kPanel * inner_ + j) * kPanel + column % kPanel;
    }

    std::vector<float, LargeAllocator<float>> values_;
    std::size_t inner_ = 0;
    std::size_t columns_ = 0;
};

// out[r, c] = bias[c] + sum_j a[r, j] b[j, c], summed over j in order with fused multiply-adds: the
// same bits however many rows are asked for together and whatever instructions the machine has. One
// thread; the widest instructions are chosen at run time. a [rows, b.inner()], bias [b.columns()]
// or empty for 0, out [rows, b.columns()], which must not overlap a.
void multiply(MatrixView<const float> a, const PackedMatrix& b, std::span<const float> bias,
              MatrixView<float> out);

}  // namespace hsa
