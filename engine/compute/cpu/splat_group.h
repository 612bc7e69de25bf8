#pragma once

#include "engine/compute/backend.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hsa {

// Splats that the inner loops take together: their numbers are the rows of a register block.
inline constexpr std::size_t kGroupSplats = 4;

// How the log kernel of a group is formed.
enum class GroupForm : std::uint8_t {
    // ell = x . (lambda mu) - lambda/2 |x|^2 + offset: one product an axis.
    expanded,
    // ell = -sum_a (x_a rate_a - centre_a)^2: two products an axis, nothing cancels.
    squares,
    // t = rate x - centre - sum_r back_r along_r with along_r = ahead_r . x - start_r, ell =
    // -|t|^2.
    lowrank,
    // t = W x - W centre with a lower triangle W, ell = -|t|^2.
    full,
};

// 1 to kGroupSplats neighbouring splats (lowrank and full: 1), relative to the origin and scale of
// their registry.
struct SplatGroup {
    std::size_t first = 0;
    std::size_t count = 0;
    GroupForm form = GroupForm::expanded;
    std::size_t rank = 0;  // lowrank
    // expanded: [d][kGroupSplats] lambda mu. squares: [d][kGroupSplats][2] rate, rate mu.
    // lowrank: ahead [r / 4][d][4], start [r], then [d][2 + r] rate, rate mu, back. full, for every
    // four rows of W: [up to the last one's diagonal][4] W, then [4] W mu. Zeros fill up.
    std::vector<float> weights;
    std::array<float, kGroupSplats> half_precision{};  // expanded: lambda / 2
    std::array<float, kGroupSplats> offset{};          // expanded: -1/2 mu lambda mu, from float64
    // The others: float32 keeps its digits where -ell <= mild or -ell >= safe (formulas.h).
    std::array<float, kGroupSplats> mild{};
    std::array<float, kGroupSplats> safe{};
};

}  // namespace hsa
