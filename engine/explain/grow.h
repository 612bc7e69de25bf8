#pragma once

#include "engine/core/range.h"
#include "engine/model/factors.h"
#include "engine/model/splat_registry.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// Splats and all that stand below them in the tree: sorted, the roots among them. Ids that are not
// there are left out.
[[nodiscard]] std::vector<SplatId> with_descendants(const SplatRegistry& registry,
                                                    std::span<const SplatId> roots);

// Tokens outside `picked` (sorted ranges below n) that these, taken together, attend to most, and
// those that attend to them most: at most `count` each, ties to the lower index, none whose
// attention is 0; sorted. Costs two passes over the factors, however many are picked.
[[nodiscard]] std::vector<std::uint32_t> neighbour_tokens(const Factors& factors,
                                                          std::span<const Range> picked,
                                                          std::size_t count);

// Splats outside `picked` whose keys overlap most with those of the picked ones of the same level
// taken together, q their mean K(.|s): sum_j sqrt(q(j) K(j|t)), 0 to 1. At most `count` a level
// that has picked ones, ties to the lower id, none without overlap; sorted.
[[nodiscard]] std::vector<SplatId> neighbour_splats(const Factors& factors,
                                                    std::span<const SplatId> picked,
                                                    std::size_t count);

}  // namespace hsa
