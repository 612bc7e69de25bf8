#pragma once

#include "app/render/camera.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace splatscope {

// The places of rising heights, equal ones in their own order: three passes of a radix sort, so any
// number takes time in proportion to it. Heights that are no number come last.
[[nodiscard]] std::vector<std::uint32_t> rising_order(std::span<const float> heights);

// The order in which things that cover each other are drawn, from the farthest to the nearest along
// the line of sight; found again only when they or the direction changed.
class DepthOrder {
  public:
    void set(std::vector<Vec3> centres);
    // Indices into the centres.
    [[nodiscard]] const std::vector<std::uint32_t>& far_first(const Vec3& towards_eye);
    // How often it was sorted since it was made.
    [[nodiscard]] std::size_t sorts() const { return sorts_; }

  private:
    std::vector<Vec3> centres_;
    std::optional<Vec3> towards_eye_;  // of the order kept
    std::vector<std::uint32_t> order_;
    std::size_t sorts_ = 0;
};

}  // namespace splatscope
