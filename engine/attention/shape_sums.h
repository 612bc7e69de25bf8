#pragma once

#include "engine/core/matrix.h"
#include "engine/model/whitening.h"

#include <cstddef>
#include <span>
#include <vector>

namespace hsa {

// What one lowrank or full splat does to a loss.
struct ShapeSlopes {
    std::vector<double> centre;      // [d]
    std::vector<double> covariance;  // [width of the kind] (attend_gradient.h)
    double log_beta = 0.0;
};

// KernelSums for one splat whose covariance has a shape. With y = Sigma^-1 (x - mu):
//   lowrank  sum g m, sum g y [d], sum g y^2 [d], sum g y (F^T y)^T [d, r]
//   full     with t = L^-1 (x - mu): sum g m, sum g t [d], sum g t t^T [d, d]
// All in float64. O(d r) or O(d^2) a token.
class ShapeSums {
  public:
    // centre [d] as the rows are; scale = beta / T.
    ShapeSums(const CovarianceView& covariance, std::span<const double> centre, double scale);

    [[nodiscard]] std::size_t width() const;
    // Adds the rows x [w, d] with their g [w] to `out`, width() long, and to dx [w, d] (empty: not
    // wanted) what they do to the rows, -g scale y.
    void add(std::span<const double> g, MatrixView<const double> x, std::span<double> out,
             MatrixView<double> dx) const;
    [[nodiscard]] ShapeSlopes to_parameters(std::span<const double> sums) const;

  private:
    [[nodiscard]] ShapeSlopes lowrank_slopes(std::span<const double> sums) const;
    [[nodiscard]] ShapeSlopes full_slopes(std::span<const double> sums) const;
    void lowrank_rows(MatrixView<const double> delta, MatrixView<double> y) const;

    Whitening whitening_;
    std::vector<double> centre_;    // [d]
    std::vector<double> variance_;  // lowrank: D [d]
    Matrix<double> factor_;         // lowrank: F [d, r]
    double scale_;
};

}  // namespace hsa
