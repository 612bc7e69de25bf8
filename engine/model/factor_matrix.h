#pragma once

#include "engine/core/matrix.h"

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

namespace hsa {

// Rows of a factor in fewer bytes than float32 takes (attention/packed_factors.h,
// attention/sparse_rows.h). Immutable.
class PackedRows {
  public:
    virtual ~PackedRows() = default;

    [[nodiscard]] virtual std::size_t rows() const = 0;
    [[nodiscard]] virtual std::size_t cols() const = 0;
    [[nodiscard]] virtual float at(std::size_t row, std::size_t col) const = 0;
    virtual void read(std::size_t row, std::span<float> out) const = 0;  // out [cols]
    [[nodiscard]] virtual std::size_t bytes() const = 0;
    [[nodiscard]] virtual const char* name() const = 0;  // as compute.storage says it
};

// A row of a factor: where it is held, or decoded for as long as this lives. It turns into a span
// only while it has a name, so that no span outlives what was decoded for it.
class FactorRow {
  public:
    explicit FactorRow(std::span<const float> held) : values_(held) {}
    FactorRow(const PackedRows& packed, std::size_t row)
        : decoded_(std::make_unique_for_overwrite<float[]>(packed.cols())) {
        const std::span<float> out(decoded_.get(), packed.cols());
        packed.read(row, out);
        values_ = out;
    }

    operator std::span<const float>() const& { return values_; }  // NOLINT(*explicit*)
    operator std::span<const float>() && = delete;                // NOLINT(*explicit*)
    [[nodiscard]] const float* data() const& { return values_.data(); }
    [[nodiscard]] auto begin() const& { return values_.begin(); }
    [[nodiscard]] auto end() const& { return values_.end(); }
    [[nodiscard]] std::size_t size() const { return values_.size(); }
    [[nodiscard]] bool empty() const { return values_.empty(); }
    [[nodiscard]] float operator[](std::size_t s) const { return values_[s]; }

  private:
    std::unique_ptr<float[]> decoded_;
    std::span<const float> values_;
};

// The same of several rows one after the other.
class FactorBlock {
  public:
    explicit FactorBlock(MatrixView<const float> held) : view_(held) {}
    FactorBlock(const PackedRows& packed, std::size_t begin, std::size_t end)
        : decoded_(Matrix<float>::unwritten(end - begin, packed.cols())) {
        for (std::size_t i = begin; i < end; ++i) packed.read(i, decoded_.row(i - begin));
        view_ = std::as_const(decoded_).view();
    }
    ~FactorBlock() = default;
    FactorBlock(const FactorBlock&) = delete;
    FactorBlock& operator=(const FactorBlock&) = delete;

    [[nodiscard]] const MatrixView<const float>& view() const& { return view_; }

  private:
    Matrix<float> decoded_;
    MatrixView<const float> view_;
};

// One factor of A, token-major [n, c]: float32, which can be written, or packed, which is read row
// by row. To write what is packed is a fault.
class FactorMatrix {
  public:
    FactorMatrix() = default;
    FactorMatrix(Matrix<float> values) : values_(std::move(values)) {}  // NOLINT(*explicit*)
    explicit FactorMatrix(std::shared_ptr<const PackedRows> packed) : packed_(std::move(packed)) {}

    [[nodiscard]] std::size_t rows() const { return packed_ ? packed_->rows() : values_.rows(); }
    [[nodiscard]] std::size_t cols() const { return packed_ ? packed_->cols() : values_.cols(); }
    [[nodiscard]] std::size_t size() const { return rows() * cols(); }
    [[nodiscard]] std::size_t bytes() const {
        return packed_ ? packed_->bytes() : values_.size() * sizeof(float);
    }
    [[nodiscard]] const char* storage() const { return packed_ ? packed_->name() : "float32"; }
    [[nodiscard]] bool packed() const { return packed_ != nullptr; }

    [[nodiscard]] float operator()(std::size_t row, std::size_t col) const {
        return packed_ ? packed_->at(row, col) : values_(row, col);
    }
    [[nodiscard]] FactorRow row(std::size_t index) const {
        return packed_ ? FactorRow(*packed_, index) : FactorRow(values_.row(index));
    }
    [[nodiscard]] FactorBlock block(std::size_t begin, std::size_t end) const {
        if (packed_) return {*packed_, begin, end};
        return FactorBlock(values_.view().block(begin, end));
    }

    // Of float32 alone.
    [[nodiscard]] Matrix<float>& values();
    [[nodiscard]] const Matrix<float>& values() const;
    [[nodiscard]] float& operator()(std::size_t row, std::size_t col) { return values()(row, col); }
    [[nodiscard]] std::span<float> row(std::size_t index) { return values().row(index); }
    [[nodiscard]] float* data() { return values().data(); }

    bool operator==(const FactorMatrix&) const = default;

  private:
    Matrix<float> values_;
    std::shared_ptr<const PackedRows> packed_;
};

}  // namespace hsa
