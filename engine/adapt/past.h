#pragma once

#include "engine/core/matrix.h"

#include <cstddef>
#include <span>
#include <vector>

namespace hsa {

struct LevelQueries;

// Causal attention in adaptation. Row r sees the first seen[r] columns; A of it is the plain row on
// those over its sum, so that P(s|r) is the plain share times the keys it reaches, and cells are
// weight_rs K_js with weight = P / reached (maths.md 2; attention/causal_factors.h).

// Sums of K [m, k] over the columns each row sees: [rows, k].
[[nodiscard]] Matrix<double> reached_keys(MatrixView<const float> k,
                                          std::span<const std::size_t> seen);

// Plain shares become causal ones: p, background and log_normaliser; weight and background_weight
// are set. `columns`: all m. A row of whose attention single precision kept nothing in the past
// becomes uniform over the past.
void limit_to_past(const Matrix<double>& reached, std::vector<std::size_t> seen,
                   std::size_t columns, LevelQueries& queries);

// Zero in the columns [begin, begin + out.cols) that a row does not see; `seen` empty: all are.
void hide_future(std::span<const std::size_t> seen, std::size_t begin, MatrixView<float> out);

// g_js = K_js (sum over the rows that see j of share_rs - g_js): the key side of dL/dell, from g =
// R^T share (maths.md 3). key and g: columns [begin, begin + rows of g).
void to_key_slopes(MatrixView<const float> key, const Matrix<float>& share,
                   std::span<const std::size_t> seen, std::size_t begin, MatrixView<float> g);

}  // namespace hsa
