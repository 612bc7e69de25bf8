#pragma once

#include "engine/compute/backend.h"
#include "engine/core/matrix.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/splat_registry.h"

#include <cstddef>
#include <span>
#include <vector>

namespace hsa {

// Where tokens are dense and splats do not cover them: a region is a token with its nearest, half
// of what an even share of the tokens would be, so that it is small where tokens are dense. It
// lacks
//   its share of the tokens x the median, over its tokens j, of max(0, middle - log-coverage of j)
// nats a token, the middle being the median over all (the lower of two): about what a splat that
// covered it as the others cover theirs would win for the level. A token far from all others is no
// region: its nearest are covered.

// The rows nearest to one of x [m, d], itself first: max(1, m / (2 (splats + 1))) within 8..64, of
// those in `among` (sorted).
[[nodiscard]] std::vector<std::size_t> region_of(MatrixView<const float> x, std::size_t row,
                                                 std::span<const std::size_t> among,
                                                 std::size_t splats);

// What the region of each row of `among` lacks: [among]. `covered` [m]: log-coverage. O(m^2 d).
[[nodiscard]] std::vector<double> region_lacks(MatrixView<const float> x,
                                               std::span<const double> covered,
                                               std::span<const std::size_t> among,
                                               std::size_t splats);

// The most that a region of any level lacks, of at most kShiftRows tokens spread evenly. Throws
// Cancelled.
[[nodiscard]] double largest_lack(Backend& backend, const Coordinates& coordinates,
                                  const SplatRegistry& registry, double temperature,
                                  const Work& work);

}  // namespace hsa
