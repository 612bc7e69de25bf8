#pragma once

#include "engine/core/matrix.h"
#include "engine/model/splat_registry.h"

#include <span>
#include <utility>
#include <vector>

namespace hsa {

// A Gaussian with a full covariance, in double: what the exact operations of events work on before
// they are restricted to the registry's kind (maths.md 4).
struct FullGaussian {
    std::vector<double> centre;  // [d]
    Matrix<double> covariance;   // [d, d], symmetric positive definite
};

// mu+- = mu +- a sqrt(lambda) u, Sigma' = Sigma - a^2 lambda u u^T with lambda = 1 / (u^T Sigma^-1
// u) for the unit direction u (largest eigenvector when empty, for which lambda is the eigenvalue);
// equal masses keep mean and covariance exactly. 0 < a < 1, else Error.
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

// The Gaussian as a splat's kernel sees it: the centre and Sigma / beta (maths.md 1).
[[nodiscard]] FullGaussian kernel_gaussian(const Splat& splat);

// Writes centre and covariance into a splat, restricted to its kind: spherical keeps the trace,
// diagonal the diagonal, lowrank the diagonal and the widest directions, full everything; the
// splat's beta is taken out of the covariance again.
void restrict_to_kind(const FullGaussian& gaussian, Splat& splat);

// "kept spherical": what an event says about that restriction.
[[nodiscard]] const char* restriction_note(CovarianceKind kind);

}  // namespace hsa
