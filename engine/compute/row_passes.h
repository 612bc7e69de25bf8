#pragma once

#include "engine/compute/splat_columns.h"
#include "engine/core/matrix.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace hsa {

// What cards do with whole rows of factors (Backend::rectangle_means() and those after it).

// Rows that many calls are about, such as those of a factor, with the sums over the rows before
// every `tile`th one.
struct KeptRows {
    std::shared_ptr<const void> owner;  // lives as long as the numbers stay what they are
    MatrixView<const float> rows;       // [n, c]
    MatrixView<const double> before;    // [ceil(n / tile) + 1, c]; may lack a constant
    std::size_t tile = 1;
};

// Some neighbouring rows: what is theirs is their sum over `count`.
struct RowRange {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t count = 1;
};

struct RangesOfRows {
    KeptRows kept;
    std::span<const RowRange> ranges;
};

// Rows of A = weight K^T + background / m over m columns, held against what they should be.
struct ComparedRows {
    MatrixView<const float> weight;     // [r, c]
    std::span<const float> background;  // [r], or empty: 0
    MatrixView<const float> target;     // [r, m]
    std::span<const std::size_t> seen;  // [r] columns that a row sees, the first ones; empty: all
    // K [m, c] as it is, or, where `splats` is not null, exp(ell - log_mass) of rows x [m, d].
    MatrixView<const float> keys;
    const BoundSplats* splats = nullptr;
    MatrixView<const float> x;
    std::span<const double> log_mass;
    std::size_t columns = 0;  // what background is divided by; 0: m
};

// What the ratio R = T / A becomes when it goes into products.
enum class RatioForm : std::uint8_t { plain, times_log };

// What Backend::compare_rows() writes; what is empty is left out. All sums are float32 inside a
// chunk of columns and float64 over chunks.
struct RowComparison {
    std::span<double> divergence;  // [r] sum_j T ln(T / A)
    RatioForm form = RatioForm::plain;
    MatrixView<double> product;  // [r, c] R K
    // Moments of the slopes g_js = K_js sum over the rows i that see j of (1 - R_ij) share_is, with
    // what stands beside each column: g^T beside.
    MatrixView<const float> share;   // [r, c]
    MatrixView<const float> beside;  // [m, q]
    MatrixView<double> moments;      // [c, q]
};

}  // namespace hsa
