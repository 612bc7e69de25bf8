#pragma once

#include "engine/core/matrix.h"

#include <cstddef>
#include <span>

namespace hsa {

// Inner loops of outputs without factors, for the widest instructions of the machine. Log kernels
// and exponentials come as rows of kKernelTile tokens, one row a splat (group_lanes.h).

// Columns that a row of values takes with zeros filled up.
[[nodiscard]] std::size_t padded_columns(std::size_t columns);

// out[r, c] += sum_j a[r row_step + j inner_step] b[j, c] for all rows and columns of `out`, which
// are padded_columns() of something. Every cell adds its terms in the order of j, 64 at a time.
void add_products(const float* a, std::size_t row_step, std::size_t inner_step,
                  MatrixView<const float> b, MatrixView<float> out);

// ell[s, i] += add[i] (null: nothing), then most[s] = max(most[s], ell[s, i]) over the first
// `tokens` of the rows of ell [most.size(), kKernelTile].
void raise_column_most(float* ell, std::size_t tokens, const float* add, std::span<float> most);

// ell[s, i] becomes exp(ell[s, i] - most[s]), sums[s] += their sum over the tokens.
void exponentials_of_columns(float* ell, std::span<const float> most, std::size_t tokens,
                             double* sums);

// most[i] = max(most[i], ell[s, i] + shift[s]) over the rows of ell [shift.size(), kKernelTile],
// for the first `tokens`; what lies behind them up to the tile's end is free to change, here and
// below.
void raise_most(const float* ell, std::span<const float> shift, std::size_t tokens, float* most);

// ell[s, i] becomes exp(ell[s, i] - most[i] + shift[s]), the difference first: near the largest it
// is exact. sums[i] += their sum over s.
void exponentials_of_rows(float* ell, std::span<const float> shift, const float* most,
                          std::size_t tokens, double* sums);

// to[c] = scale from[c].
void widen(std::span<const float> from, double scale, double* to);

}  // namespace hsa
