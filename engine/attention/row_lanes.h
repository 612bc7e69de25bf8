#pragma once

#include "engine/core/matrix.h"

#include <span>

namespace hsa {

// Turns the exponentials of one token into its rows of P and K, for the widest instructions of the
// machine; all spans are [c]. e: exp(ell_s - most_s) on entry, K(i|s) = e key_factor on return.
// p: e row_factor divided by its sum. Returns that sum (float64), or 0 when the largest e
// row_factor is below `least`: then p is not divided, for the caller to form it in the log domain.
double weigh_row(std::span<float> e, std::span<const float> row_factor,
                 std::span<const float> key_factor, float least, std::span<float> p);

// out[r, j] = sum_s p[r, s] k[j, s]: rows of A for the tokens of k. p is [rows, c], k [tokens, c],
// out [rows, tokens]. Each cell is one dot product of its own, so its bits do not depend on what
// else is asked for.
void row_products(MatrixView<const float> p, MatrixView<const float> k, MatrixView<float> out);

// out[r, c] += sum_s p[r, s] u[s, c]: p is [rows, k], u [k, v], out [rows, v]. Every cell adds its
// terms in the order of s, 128 at a time, so its bits do not depend on what else is asked for, and
// terms with p = 0 change none.
void add_weighted_rows(MatrixView<const float> p, MatrixView<const float> u, MatrixView<float> out);

// Logits of one token in float64, all spans [c]: the largest of ell[s] + base[s] (-infinity when
// empty), then ell[s] + base[s] - shift in place of ell. Entries of base may be -infinity.
[[nodiscard]] double largest_logit(std::span<const float> ell, std::span<const double> base);
void shift_logits(std::span<const double> base, double shift, std::span<float> ell);
// sum_s weight[s] total[s], in float64.
[[nodiscard]] double weighted_total(std::span<const float> weight, std::span<const double> total);

}  // namespace hsa
