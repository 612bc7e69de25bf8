#pragma once

#include "engine/model/factors.h"
#include "engine/model/splat_registry.h"

#include <cstddef>
#include <span>
#include <vector>

namespace hsa {

// The splats of one level as the only ones there are: P(s|i) within the level, which sums to 1. In
// the form token it follows from K, w exp(ell + c) = w exp(2 c) K, so that levels muted to look
// change nothing; else it is the P in force, taken for itself.
class LevelShares {
  public:
    // The factors and the registry are of the same splats and must outlive this.
    LevelShares(const Factors& factors, const SplatRegistry& registry, std::uint16_t level);

    // Its columns of the factors, rising.
    [[nodiscard]] const std::vector<std::size_t>& columns() const { return columns_; }
    // P(s|i) of a token for each of those: out [columns]. All 0, and false, where the token reaches
    // none of them. `k` and `p`: the rows of that token of the two factors.
    bool read(std::span<const float> k, std::span<const float> p, std::span<double> out) const;

  private:
    std::vector<std::size_t> columns_;
    std::vector<double> weight_;
    bool from_keys_ = true;
};

}  // namespace hsa
