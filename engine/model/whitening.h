#pragma once

#include "engine/model/covariance.h"

#include <span>
#include <vector>

namespace hsa {

// W with |W (x - centre)|^2 = (x - centre)^T Sigma^-1 (x - centre), in float64: sums of squares, so
// that nothing cancels. Throws Error when Sigma is not positive definite.
//   spherical, diagonal  t = rate o (x - centre), rate = 1 / sqrt(variance)
//   lowrank              z = rate o (x - centre), t = z - sum_r shrink_r axis_r (axis_r . z): with
//                        D^-1/2 F = U S V^T, axis_r = U_r, shrink_r = 1 - 1 / sqrt(1 + S_r^2)
//                        (Woodbury: Sigma^-1 = D^-1/2 (1 - U S^2/(1 + S^2) U^T) D^-1/2)
//   full                 t = L^-1 (x - centre), Sigma = L L^T (Cholesky)
class Whitening {
  public:
    explicit Whitening(const CovarianceView& covariance);

    [[nodiscard]] CovarianceKind kind() const { return kind_; }
    [[nodiscard]] std::size_t dimension() const { return dimension_; }
    [[nodiscard]] const std::vector<double>& rate() const { return rate_; }      // [d], not full
    [[nodiscard]] const Matrix<double>& axes() const { return axes_; }           // lowrank: [r, d]
    [[nodiscard]] const std::vector<double>& shrink() const { return shrink_; }  // lowrank: [r]
    [[nodiscard]] const Matrix<double>& root() const { return root_; }  // full: L^-1 [d, d]

    // t = W delta and |t|^2; both [d].
    void apply(std::span<const double> delta, std::span<double> t) const;
    [[nodiscard]] double squared(std::span<const double> delta) const;
    // Sigma^-1 delta: [d].
    [[nodiscard]] std::vector<double> precision_times(std::span<const double> delta) const;

    // ln |Sigma|; lowrank by the determinant lemma, ln |D| + sum_r ln(1 + S_r^2).
    [[nodiscard]] double log_determinant() const { return log_determinant_; }
    // About the square root of the condition that W has beyond a scaling of the axes: how far a
    // rounding of x can grow beside t. 1 for spherical and diagonal.
    [[nodiscard]] double gain() const { return gain_; }

  private:
    void factorise_lowrank(const CovarianceView& covariance);
    void factorise_full(const CovarianceView& covariance);

    CovarianceKind kind_;
    std::size_t dimension_;
    std::vector<double> rate_;
    Matrix<double> axes_;
    std::vector<double> shrink_;
    Matrix<double> root_;
    double log_determinant_ = 0.0;
    double gain_ = 1.0;
};

}  // namespace hsa
