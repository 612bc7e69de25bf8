#pragma once

#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/splat_registry.h"

#include <vector>

namespace hsa {

struct Places;  // attention/kmeans.h

// How many tokens each splat is the nearest of its level to (by log kernel): what k-means would
// count. [k], masked tokens left out.
[[nodiscard]] std::vector<double> members_of(Backend& backend, const Coordinates& coordinates,
                                             const SplatRegistry& registry, double temperature,
                                             const Work& work);

// The cells that k-means would have at one level: of each token that is not masked, in order, which
// splat is the nearest. Splats that are nearest to no token have none.
[[nodiscard]] Places cells_of_level(Backend& backend, const Coordinates& coordinates,
                                    const SplatRegistry& registry, std::size_t level,
                                    double temperature, const Work& work);

}  // namespace hsa
