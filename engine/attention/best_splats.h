#pragma once

#include "engine/model/factors.h"
#include "engine/model/splat_registry.h"

#include <cstddef>

namespace hsa {

// attention.splats_per_token: keeps the m largest P(s|i) of every row (ties: lower id; the
// background is not counted). What is dropped goes to the nearest kept ancestor, else to the
// background, else the row is renormalised (maths.md "Settings, exactly"). Sets factors.row_bound.
// m = 0 keeps all.
void keep_best_splats(const SplatRegistry& registry, std::size_t m, Factors& factors);

}  // namespace hsa
