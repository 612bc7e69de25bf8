#pragma once

#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/dataset.h"
#include "engine/model/hierarchy.h"
#include "engine/model/settings.h"

namespace hsa {

// The coordinates of defaults.md 1-3, estimated on this dataset. Throws Error when an embedding is
// not finite (row and column). All rows equal, one row, fewer rows than dimensions: legal, finite.
[[nodiscard]] Coordinates estimate_coordinates(const Dataset& dataset, const Hierarchy& hierarchy,
                                               const CoordinateSettings& settings,
                                               const Work& work);

// The coordinates of a stored recipe on this dataset; nothing is re-estimated. Throws Error when
// the dataset's dimension is not the recipe's.
[[nodiscard]] Coordinates apply_coordinates(const Dataset& dataset,
                                            std::shared_ptr<const CoordinateRecipe> recipe,
                                            const Work& work);

// The raw embeddings at every level, uncentred: for a registry whose file names no coordinates.
[[nodiscard]] Coordinates raw_coordinates(const Dataset& dataset, std::size_t levels);

}  // namespace hsa
