#pragma once

#include "engine/compute/backend.h"
#include "engine/compute/cpu/splat_group.h"
#include "engine/model/whitening.h"

#include <memory>
#include <vector>

namespace hsa {

// Splats as the CPU's products take them: relative to the mean of the centres (else the expanded
// square cancels), times a power of two that brings typical coordinates near 1 (exact), precisions
// in place of variances, in groups of neighbours.
class CpuSplats : public BoundSplats {
  public:
    // `whitening`: of every splat, [k].
    CpuSplats(const SplatColumns& splats, std::vector<std::shared_ptr<const Whitening>> whitening);

    [[nodiscard]] std::size_t splats() const override { return centre_.rows(); }
    [[nodiscard]] std::size_t dimension() const override { return origin_.size(); }

    [[nodiscard]] const std::vector<float>& origin() const { return origin_; }
    [[nodiscard]] float scale() const { return scale_; }
    [[nodiscard]] const std::vector<SplatGroup>& groups() const { return groups_; }

    // ell_s(x) from differences in float64; x [d] as it came, neither centred nor scaled.
    [[nodiscard]] float log_kernel(const float* x, std::size_t splat) const;

  private:
    [[nodiscard]] double centre(std::size_t splat, std::size_t axis) const;
    [[nodiscard]] float root(std::size_t splat, std::size_t axis) const;
    void pack_expanded(SplatGroup& group) const;
    void pack_squares(SplatGroup& group) const;
    void pack_lowrank(SplatGroup& group) const;
    void pack_full(SplatGroup& group) const;

    std::vector<float> origin_;
    float scale_ = 1.0F;
    std::vector<SplatGroup> groups_;
    Matrix<float> centre_;                                     // [k, d] as given
    std::vector<std::shared_ptr<const Whitening>> whitening_;  // [k]
    std::vector<double> half_beta_;                            // [k] beta / (2 temperature)
};

}  // namespace hsa
