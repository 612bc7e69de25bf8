#pragma once

#include "engine/core/matrix.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace hsa {

// How one level's block is made from Y0 (defaults.md 3).
struct LevelCoordinates {
    double h = 0.0;             // standard deviation of the smoothing, in tokens; 0 = none
    std::vector<double> mean;   // [d'], subtracted after smoothing
    double scale_before = 1.0;  // brings the mean square to 1
    double soft = 0.1;          // y <- y / (|y| + soft) on rows of mean square 1
    double scale_after = 1.0;   // brings the mean square back to 1
    bool operator==(const LevelCoordinates&) const = default;
};

// Everything needed to make the same coordinates from other rows (rulings.md "coordinates").
struct CoordinateRecipe {
    std::string embedding;            // Dataset::embedding_id it was estimated on
    std::size_t input_dimension = 0;  // D
    std::vector<double> mean;         // [D]
    Matrix<double> axes;              // [d', D], orthonormal rows
    bool unit_norm = true;
    double scale = 1.0;
    double token_weight_a = 1e-3;  // w = a / (a + f); 0 = all weights 1
    double position = 0.0;         // weight of the appended column t/n; counts in d' when > 0
    bool trailing = false;         // smoothing uses only tokens <= i
    std::vector<std::string> level_names;
    std::vector<LevelCoordinates> levels;
    bool operator==(const CoordinateRecipe&) const = default;

    [[nodiscard]] std::size_t dimension() const { return axes.rows() + (position > 0.0 ? 1U : 0U); }
};

// The rows the kernel sees: Y0 [n, d'] and one block [n, d'] a level. Levels may share a block.
// Without a recipe (a registry from a file that names none) every level is the raw embedding.
struct Coordinates {
    std::shared_ptr<const CoordinateRecipe> recipe;
    std::shared_ptr<const Matrix<float>> base;
    std::vector<std::shared_ptr<const Matrix<float>>> levels;  // [level count]
    std::vector<float> token_weight;                           // [n], for k-means and smoothing
    // Of a head: its queries [n, d'], the rows above being its keys, both scaled by d'^(-1/4) so
    // that q . k is the scaled logit. Null: the same rows ask and are asked. The form token leaves
    // them out.
    std::shared_ptr<const Matrix<float>> queries;
    std::vector<std::uint32_t> masked;  // tokens whose keys no row attends to, rising

    [[nodiscard]] std::size_t size() const { return base ? base->rows() : 0; }
    [[nodiscard]] std::size_t dimension() const { return base ? base->cols() : 0; }
};

// The coordinates of some tokens alone, in the order given; without weights.
[[nodiscard]] Coordinates coordinates_of(const Coordinates& coordinates,
                                         std::span<const std::uint32_t> tokens);
// Of tokens begin .. end - 1.
[[nodiscard]] Coordinates coordinates_of(const Coordinates& coordinates, std::size_t begin,
                                         std::size_t end);

}  // namespace hsa
