#pragma once

#include "engine/compute/backend.h"
#include "engine/core/matrix.h"

#include <cstddef>
#include <span>

namespace hsa {

// What a centre and an axis-aligned precision do to a loss.
struct KernelSlopes {
    Matrix<double> centre;         // [k, d]
    Matrix<double> log_precision;  // [k, 1] or [k, d]
};

// Sums over tokens of g = dL/dell [rows, k] with the tokens' coordinates, from which every
// parameter follows: S0 = sum g, S1 = g^T x, S2 = g^T x^2 (maths.md 3). Spherical splats have one
// precision a splat. Laid out flat so that chunks add up.
class KernelSums {
  public:
    KernelSums(std::size_t splats, std::size_t dimension, bool spherical);

    [[nodiscard]] std::size_t width() const { return splats_ * (1 + dimension_ + axes_); }
    // Adds the rows of g [w, k], x [w, d] to `out`, width() long.
    void add(MatrixView<const float> g, MatrixView<const float> x, std::span<double> out) const;
    void add(MatrixView<const double> g, MatrixView<const double> x, std::span<double> out) const;
    // The same by moments of g: what stands beside each row of x, [w, q], and g^T of that added to
    // `out`.
    [[nodiscard]] Matrix<float> beside(MatrixView<const float> x) const;
    void add_moments(const Matrix<double>& moments, std::span<double> out) const;
    // dmu = p (S1 - S0 mu), dln p = -p/2 (S2 - 2 mu S1 + mu^2 S0), p = beta / (T variance). Of
    // lowrank and full splats only the centre: ShapeSums has the rest.
    void to_parameters(std::span<const double> sums, const SplatColumns& splats,
                       KernelSlopes& slopes) const;

  private:
    std::size_t splats_;
    std::size_t dimension_;
    std::size_t axes_;
};

}  // namespace hsa
