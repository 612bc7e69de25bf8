#pragma once

#include "engine/compute/backend.h"

#include <vector>

namespace hsa {

// Splats as the CPU's products take them: relative to the mean of the centres (else the expanded
// square cancels), times a power of two that brings typical coordinates near 1 (exact), precisions
// in place of variances. Rows of the per-splat arrays are padded to stride() with zeros.
class CpuSplats : public BoundSplats {
  public:
    explicit CpuSplats(const SplatColumns& splats);

    [[nodiscard]] std::size_t splats() const override { return centre_.rows(); }
    [[nodiscard]] std::size_t dimension() const override { return origin_.size(); }
    [[nodiscard]] std::size_t stride() const { return offset_.size(); }
    [[nodiscard]] bool spherical() const { return spherical_; }

    [[nodiscard]] const std::vector<float>& origin() const { return origin_; }
    [[nodiscard]] float scale() const { return scale_; }
    // [d, k] lambda mu; ell = x . linear - half square + offset.
    [[nodiscard]] const Matrix<float>& linear() const { return linear_; }
    // [d, k] lambda / 2, against x x; diagonal splats only.
    [[nodiscard]] const Matrix<float>& quadratic() const { return quadratic_; }
    // [stride] lambda / 2; spherical splats only.
    [[nodiscard]] const std::vector<float>& half_precision() const { return half_precision_; }
    // [stride] -1/2 mu lambda mu, formed in float64.
    [[nodiscard]] const std::vector<float>& offset() const { return offset_; }

    // ell_s(x) from differences in float64; x [d] as it came, neither centred nor scaled.
    [[nodiscard]] float log_kernel(const float* x, std::size_t splat) const;

  private:
    std::vector<float> origin_;
    float scale_ = 1.0F;
    bool spherical_ = false;
    Matrix<float> linear_;
    Matrix<float> quadratic_;
    std::vector<float> half_precision_;
    std::vector<float> offset_;
    Matrix<float> centre_;  // [k, d] as given
    Matrix<double> rate_;   // [k, 1 or d], beta / (temperature variance)
};

}  // namespace hsa
