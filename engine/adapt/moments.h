#pragma once

#include "engine/core/matrix.h"

#include <span>
#include <utility>
#include <vector>

namespace hsa {

// A Gaussian with a full covariance, in double: what the exact operations of events work on before
// they are restricted to the registry's kind (maths.md 4).
struct FullGaussian {
    std::vector<double> centre;   // [d]
    Matrix<double> covariance;    // [d, d], symmetric positive definite
};

// mu+- = mu +- a sqrt(lambda) u, Sigma' = Sigma - a^2 lambda u u^T with lambda = u^T Sigma u for the
// unit direction u (largest eigenvector when empty); equal masses keep mean and covariance exactly.
// 0 < a < 1, else Error.
[[nodiscard]] std::pair<FullGaussian, FullGaussian> split(const FullGaussian& gaussian, double a,
                                                          std::span<const double> direction = {});

// Moment matching: p_a + p_b = 1, both >= 0 (maths.md 4, "merge").
[[nodiscard]] FullGaussian merge(const FullGaussian& a, const FullGaussian& b, double p_a);

// Bhattacharyya coefficient and distance -ln(coefficient) of two Gaussians.
struct Bhattacharyya {
    double coefficient = 0.0;
    double distance = 0.0;
};
[[nodiscard]] Bhattacharyya bhattacharyya(const FullGaussian& a, const FullGaussian& b);

}  // namespace hsa
