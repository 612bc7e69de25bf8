#pragma once

#include "engine/core/matrix.h"
#include "engine/model/splat_registry.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// Numbers of k rows by width columns as codes 0 .. 255 between the least and the largest of their
// group; a group is a level, and of it one column or all.
struct EightBits {
    std::vector<float> low, high;     // [groups]
    std::vector<std::uint8_t> codes;  // [k, width]
};

// level [k]: of each row, below `levels`. by_column: groups are the columns of a level ([levels,
// width]), else the level whole ([levels]): then equal numbers stay equal.
[[nodiscard]] EightBits to_eight_bits(MatrixView<const float> values,
                                      std::span<const std::uint16_t> level, std::size_t levels,
                                      bool by_column);
// [k, width]. Throws Error (fault) where the sizes do not fit.
[[nodiscard]] Matrix<float> from_eight_bits(const EightBits& bits, std::size_t width,
                                            std::span<const std::uint16_t> level,
                                            std::size_t levels, bool by_column);

// Centres by level and axis, logarithms of variances by level; what is single numbers a splat and
// the further numbers of lowrank and full covariances stay float32. What .splats files of 8 bits
// hold.
struct GaussianBits {
    EightBits centre;
    EightBits log_variance;
};
[[nodiscard]] GaussianBits to_eight_bits(const GaussianColumns& gaussians,
                                         std::span<const std::uint16_t> level, std::size_t levels);
void take_eight_bits(const GaussianBits& bits, std::span<const std::uint16_t> level,
                     std::size_t levels, GaussianColumns& gaussians);

// The registry that is left of this one after its Gaussians were in 8 bits.
[[nodiscard]] SplatRegistry in_eight_bits(SplatRegistry registry);

}  // namespace hsa
