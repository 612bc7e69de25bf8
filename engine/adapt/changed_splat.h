#pragma once

#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/factors.h"
#include "engine/model/settings.h"
#include "engine/model/splat_registry.h"

#include <cstddef>

namespace hsa {

// Whether factors can be brought up to date splat by splat: plain float32 ones of the form token,
// whose rows are whole softmaxes. Not causal, beside exact pairs, packed or cut to the best splats.
[[nodiscard]] bool can_change_splat(const Factors& factors);

// The factors of `registry`, which is the one of `before` but for the Gaussian and amplitude of its
// row `row`: its column of K anew, and every row of P with its new weight beside the others',
// normalised again. O(n (d + k)) in place of O(n k d); equal to compute_factors but for rounding,
// and where a row of `before` gave that splat all its weight, which leaves nothing of the others to
// be normalised.
[[nodiscard]] Factors with_changed_splat(Backend& backend, const Factors& before,
                                         const SplatRegistry& registry, std::size_t row,
                                         const Coordinates& coordinates, double temperature,
                                         const LevelMask& mask, const Work& work);

}  // namespace hsa
