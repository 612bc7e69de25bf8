#pragma once

#include "engine/core/large_memory.h"

#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

namespace hsa {

// A row-major matrix that somebody else owns. `stride` counts elements from row to row.
template <class T>
struct MatrixView {
    T* data = nullptr;
    std::size_t rows = 0;
    std::size_t cols = 0;
    std::size_t stride = 0;

    MatrixView() = default;
    MatrixView(T* values, std::size_t row_count, std::size_t column_count)
        : data(values), rows(row_count), cols(column_count), stride(column_count) {}
    MatrixView(T* values, std::size_t row_count, std::size_t column_count, std::size_t row_stride)
        : data(values), rows(row_count), cols(column_count), stride(row_stride) {}
    // A writable view serves wherever a read-only one is wanted.
    template <class U>
    requires(std::is_same_v<const U, T>) MatrixView(const MatrixView<U>& other)
        : data(other.data), rows(other.rows), cols(other.cols), stride(other.stride) {}

    [[nodiscard]] T& operator()(std::size_t row, std::size_t col) const {
        return data[row * stride + col];
    }
    [[nodiscard]] std::span<T> row(std::size_t index) const {
        return {data + index * stride, cols};
    }
    // Rows [begin, end) of this view.
    [[nodiscard]] MatrixView block(std::size_t begin, std::size_t end) const {
        return {data + begin * stride, end - begin, cols, stride};
    }
    [[nodiscard]] bool empty() const { return rows == 0 || cols == 0; }
};

// A row-major matrix that owns its elements; rows are contiguous and unpadded.
template <class T>
class Matrix {
  public:
    Matrix() = default;
    Matrix(std::size_t rows, std::size_t cols, T value = T{})
        : values_(rows * cols, value), rows_(rows), cols_(cols) {}
    // Elements without a value: for a caller that writes every one of them before reading any.
    [[nodiscard]] static Matrix unwritten(std::size_t rows, std::size_t cols) {
        Matrix matrix;
        matrix.values_.resize(rows * cols);
        matrix.rows_ = rows;
        matrix.cols_ = cols;
        return matrix;
    }

    [[nodiscard]] std::size_t rows() const { return rows_; }
    [[nodiscard]] std::size_t cols() const { return cols_; }
    [[nodiscard]] bool empty() const { return values_.empty(); }
    [[nodiscard]] T& operator()(std::size_t row, std::size_t col) {
        return values_[row * cols_ + col];
    }
    [[nodiscard]] const T& operator()(std::size_t row, std::size_t col) const {
        return values_[row * cols_ + col];
    }
    [[nodiscard]] std::span<T> row(std::size_t index) {
        return {values_.data() + index * cols_, cols_};
    }
    [[nodiscard]] std::span<const T> row(std::size_t index) const {
        return {values_.data() + index * cols_, cols_};
    }
    [[nodiscard]] MatrixView<T> view() { return {values_.data(), rows_, cols_}; }
    [[nodiscard]] MatrixView<const T> view() const { return {values_.data(), rows_, cols_}; }
    [[nodiscard]] T* data() { return values_.data(); }
    [[nodiscard]] const T* data() const { return values_.data(); }
    [[nodiscard]] std::size_t size() const { return values_.size(); }

    // Appends one row; `values` has cols() elements, or any number when there is no row yet.
    void append_row(std::span<const T> values) {
        if (rows_ == 0) cols_ = values.size();
        values_.insert(values_.end(), values.begin(), values.end());
        ++rows_;
    }
    void erase_row(std::size_t index) {
        const auto first = values_.begin() + static_cast<std::ptrdiff_t>(index * cols_);
        values_.erase(first, first + static_cast<std::ptrdiff_t>(cols_));
        --rows_;
    }

    bool operator==(const Matrix&) const = default;

  private:
    std::vector<T, LargeAllocator<T>> values_;
    std::size_t rows_ = 0;
    std::size_t cols_ = 0;
};

}  // namespace hsa
