#pragma once

#include "engine/core/matrix.h"

#include <cstddef>
#include <optional>
#include <vector>

// Splat attention written out in double precision from maths.md, for comparison only: no tiles, no
// products, nothing of the engine but its matrix type.
namespace reference {

using hsa::Matrix;

struct Splat {
    std::vector<double> centre;
    std::vector<double> variance;  // [d], or nothing where there is a precision
    Matrix<double> precision;      // [d, d] Sigma^-1
    double beta = 1.0;
    double log_weight = 0.0;  // ln w_s
    std::size_t block = 0;    // which of the coordinates it sees
};

struct Attention {
    Matrix<double> ell;                  // [n, c]
    Matrix<double> p;                    // [n, c]
    Matrix<double> k;                    // [n, c]: K transposed
    Matrix<double> a;                    // [n, n]
    std::vector<double> log_mass;        // [c]
    std::vector<double> log_normaliser;  // [n]
};

// The inverse of a symmetric positive definite matrix through its Cholesky factor, in long double.
// Throws std::logic_error for another.
[[nodiscard]] Matrix<double> inverse(const Matrix<double>& matrix);

[[nodiscard]] double log_kernel(const Splat& splat, const std::vector<double>& x,
                                double temperature);

// blocks: the coordinates, one matrix [n, d] each. The background, if any, is the last column.
[[nodiscard]] Attention attend(const std::vector<Splat>& splats,
                               const std::vector<Matrix<double>>& blocks,
                               std::optional<double> background = std::nullopt,
                               double temperature = 1.0);

// A with the two sides written out: S_ij = sum_s w_s exp(ell^q_s(q_i) + ell^k_s(k_j) + kappa
// |k_j|^2 / 2), every row divided by its sum; a background has both Gaussian parts 0. p, k,
// log_mass and log_normaliser by their definitions, ell is that of the keys. query and key: one a
// splat, the weight is the key's. queries [n, d]; keys: one matrix a block; norms: the keys that
// kappa sees.
struct Heads {
    std::vector<Splat> query;
    std::vector<Splat> key;
    Matrix<double> queries;
    std::vector<Matrix<double>> keys;
    Matrix<double> norms;
    double kappa = 0.0;
};
[[nodiscard]] Attention attend_heads(const Heads& heads,
                                     std::optional<double> background = std::nullopt,
                                     double temperature = 1.0);

// A with pairs that are exact, in one normaliser (real-heads.md 3): a pair inside has exp(score),
// one outside what S_ij of attend_heads() is times exp(log_extra_i), one that is not seen nothing.
struct Near {
    Matrix<double> score;                   // [n, n]
    std::vector<std::vector<bool>> inside;  // [n][n]
    std::vector<double> log_extra;          // [n]
    bool causal = false;                    // row i sees tokens 0 .. i
};
[[nodiscard]] Matrix<double> near_and_far(const Heads& heads, std::optional<double> background,
                                          const Near& near);

// attend() where row i knows tokens 0 .. i alone (maths.md 2, "causal"), less the tokens that are
// masked (empty: none): p and a; k, log_mass and log_normaliser stay empty. A row without any key
// is zero.
[[nodiscard]] Attention causal(const std::vector<Splat>& splats,
                               const std::vector<Matrix<double>>& blocks,
                               std::optional<double> background = std::nullopt,
                               double temperature = 1.0, const std::vector<bool>& masked = {});

// a without its masked columns and, where causal, those after the row's own: the others of each row
// are divided by their sum. A row that has none left is zero.
[[nodiscard]] Matrix<double> without_masked(Matrix<double> a, const std::vector<bool>& masked,
                                            bool causal = false);

// The mean of a over rows [r0, r1) and columns [c0, c1).
[[nodiscard]] double block_mean(const Matrix<double>& a, std::size_t r0, std::size_t r1,
                                std::size_t c0, std::size_t c1);

}  // namespace reference
