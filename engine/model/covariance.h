#pragma once

#include "engine/core/matrix.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

enum class CovarianceKind : std::uint8_t { spherical, diagonal, lowrank, full };

// Columns of the factor that the program gives a lowrank splat, at most the dimension.
inline constexpr std::size_t kFactorRank = 4;

// Sigma of one splat as a registry stores it. variance [d] is the diagonal of Sigma, or for lowrank
// the diagonal part D of Sigma = D + F F^T. shape is empty for spherical and diagonal; lowrank: F
// [d, r] by rows; full: what lies below the diagonal, by rows [d (d - 1) / 2].
struct CovarianceView {
    CovarianceKind kind = CovarianceKind::spherical;
    std::span<const float> variance;
    std::span<const float> shape;

    [[nodiscard]] std::size_t dimension() const { return variance.size(); }
    [[nodiscard]] std::size_t rank() const;
    // Whether shape has a length that the kind allows: lowrank needs at least one column.
    [[nodiscard]] bool fits() const;
};

// A covariance by itself, in the same terms.
struct Covariance {
    std::vector<float> variance;
    std::vector<float> shape;
};

[[nodiscard]] Matrix<double> dense_covariance(const CovarianceView& covariance);  // [d, d]

// Largest over least eigenvalue of Sigma; infinity where Sigma is not positive definite.
[[nodiscard]] double condition_of(const CovarianceView& covariance);
// Whether Sigma is positive definite with a condition of at most `worst`, without eigenvalues where
// a bound tells.
[[nodiscard]] bool condition_at_most(const CovarianceView& covariance, double worst);

// The diagonal of Sigma: [d].
[[nodiscard]] std::vector<float> marginal_variances(const CovarianceView& covariance);
// The eigenvalues of Sigma, falling: [d].
[[nodiscard]] std::vector<double> spectrum_of(const CovarianceView& covariance);

// Sigma in the terms of a kind: spherical keeps the trace, diagonal the diagonal, lowrank the
// diagonal and the directions of the largest eigenvalues, full everything. Eigenvalues (spherical
// and diagonal: variances) are first clipped to [mean / 100, mean * 100] (maths.md 7). Throws Error
// when Sigma is not symmetric positive semidefinite and finite with a positive trace.
[[nodiscard]] Covariance restricted(const Matrix<double>& sigma, CovarianceKind kind);

// A diagonal covariance in the terms of a kind.
[[nodiscard]] Covariance from_variances(std::span<const float> variance, CovarianceKind kind);

[[nodiscard]] const char* name_of(CovarianceKind kind);

}  // namespace hsa
