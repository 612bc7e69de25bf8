#pragma once

#include "engine/adapt/level_attention.h"

#include <span>
#include <vector>

namespace hsa {

// The loss and what each parameter does to it. Spherical splats have one precision a splat.
struct LevelGradient {
    double loss = 0.0;
    Matrix<double> centre;           // [k, d]
    Matrix<double> log_precision;    // [k, 1] or [k, d]
    std::vector<double> log_weight;  // [k]
};

// Sums over tokens of g = dL/dell [rows, k] with the tokens' coordinates, from which every
// parameter follows: S0 = sum g, S1 = g^T x, S2 = g^T x^2 (maths.md 3). Laid out flat so that
// chunks add up.
class KernelSums {
  public:
    KernelSums(std::size_t splats, std::size_t dimension, bool spherical);

    [[nodiscard]] std::size_t width() const { return splats_ * (1 + dimension_ + axes_); }
    // Adds the rows of g [w, k], x [w, d] to `out`, width() long.
    void add(MatrixView<const float> g, MatrixView<const float> x, std::span<double> out) const;
    // dmu = p (S1 - S0 mu), dln p = -p/2 (S2 - 2 mu S1 + mu^2 S0), p = beta / (T variance).
    void to_parameters(std::span<const double> sums, const LevelSplats& splats, double temperature,
                       LevelGradient& gradient) const;

  private:
    std::size_t splats_;
    std::size_t dimension_;
    std::size_t axes_;
};

// The gradient of sum_i weight_i KL(T_i | A_l,i) over sampled rows: x [m, d] and column_log_weight
// as for level_keys, x_rows [r, d], t [r, m], row_weight [r] (1/r each for a mean). The same
// Gaussian acts as query and as key (form token).
[[nodiscard]] LevelGradient sampled_gradient(Backend& backend, const LevelSplats& splats,
                                             double temperature, double background_logit,
                                             MatrixView<const float> x, double column_log_weight,
                                             MatrixView<const float> x_rows,
                                             MatrixView<const float> t,
                                             std::span<const double> row_weight);

}  // namespace hsa
