#pragma once

#include "engine/core/matrix.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/splat_registry.h"

#include <memory>
#include <span>
#include <vector>

namespace hsa {

// One level's block from Y0 (defaults.md 3): [n, d']. weight: [n], > 0.
[[nodiscard]] std::shared_ptr<const Matrix<float>> block_of_level(const Matrix<float>& base,
                                                                  std::span<const float> weight,
                                                                  bool trailing,
                                                                  const LevelCoordinates& numbers,
                                                                  const Work& work);

// A level smoothed over h tokens: its numbers as they are found on these rows, and its block.
struct LevelBlock {
    LevelCoordinates numbers;
    std::shared_ptr<const Matrix<float>> rows;
};
[[nodiscard]] LevelBlock estimate_level(const Matrix<float>& base, std::span<const float> weight,
                                        double h, bool trailing, const Work& work);

// Whether these coordinates are those of the registry's levels, in number and in numbers.
[[nodiscard]] bool fits_levels(const Coordinates& coordinates, const SplatRegistry& registry);

// The coordinates of another version of a registry, whose levels may be others. `known`: some of
// the same rows, at least one; blocks of levels that they have are shared, the others computed.
// Throws Error where the registry names coordinates of another number of levels than it has.
[[nodiscard]] Coordinates coordinates_for(std::span<const std::shared_ptr<const Coordinates>> known,
                                          const SplatRegistry& registry, const Work& work);

// sum w x / sum w over the rows of x [n, d].
[[nodiscard]] std::vector<double> weighted_mean(MatrixView<const float> x,
                                                std::span<const float> weight);
// What brings the mean square of all entries to 1; 1 where all are 0.
[[nodiscard]] double unit_scale(MatrixView<const float> y);
void scale_rows(Matrix<float>& y, double scale);

}  // namespace hsa
