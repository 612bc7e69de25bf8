#pragma once

#include "engine/core/matrix.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/factor_matrix.h"
#include "engine/model/splat_registry.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace hsa {

// Principal axes that a tour passes through at most: beyond, it would show noise most of the time.
inline constexpr std::size_t kMostToured = 50;

// The principal axes of the tokens of a level.
struct TourAxes {
    std::vector<float> mean;       // [d]
    Matrix<float> basis;           // [D, d], orthonormal rows, D = min(d, kMostToured)
    std::vector<double> variance;  // [D]
    double total = 0.0;            // variance of all d
    std::size_t looked_at = 0;     // tokens
};
[[nodiscard]] TourAxes tour_axes(const Matrix<float>& coordinates, const Work& work);

struct TourWanted {
    std::size_t level = 0;  // whose tokens are shown
    std::size_t most = 0;   // of them, drawn evenly
    bool operator==(const TourWanted&) const = default;
};

// What a moving picture is made from, frame by frame: everything along the principal axes.
struct TourSpace {
    TourWanted wanted;
    std::size_t dimension = 0;  // d
    TourAxes axes;
    std::vector<std::uint32_t> tokens;  // rising
    Matrix<float> points;               // [tokens, D]
    Matrix<float> centres;              // [k, D], rows of the registry
    Matrix<float> covariances;          // [k, D (D + 1) / 2], upper triangles by rows
};

// `keys`: K transposed of splats that are drawn where their keys lie (layout.h), else null; of many
// tokens their covariances are those of evenly drawn ones. `axes_level`: whose tokens the principal
// axes are of.
[[nodiscard]] TourSpace tour_space(const Coordinates& coordinates, std::size_t axes_level,
                                   const SplatRegistry& registry, const FactorMatrix* keys,
                                   const TourWanted& wanted, const Work& work);

}  // namespace hsa
