#pragma once

#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/factor_matrix.h"
#include "engine/model/layout.h"
#include "engine/model/splat_registry.h"

#include <array>
#include <span>

namespace hsa {

class Backend;

// PCA of the splat centres weighted by usage (defaults.md "Projection"); largest entry of each axis
// positive; `previous` axes are kept in sign and order where they are nearly the same, so that a
// step of adaptation does not flip the picture. usage: [k]. Where the centres leave a direction
// open (one splat, fewer than three distinct) an axis of the coordinates fills it and explains 0.
// `keys`: K transposed [n, >= k] where a Gaussian does not lie on the keys that it holds (the forms
// shared and paired): then a splat is drawn as the mean and covariance of its keys, sum_j K(j|s).
// Throws Cancelled.
[[nodiscard]] Layout splat_layout(const Coordinates& coordinates, const SplatRegistry& registry,
                                  std::span<const double> usage, const Layout* previous,
                                  const Work& work, const FactorMatrix* keys = nullptr,
                                  Backend* backend = nullptr);

// Tokens and splats drawn with the axes and mean of a layout made elsewhere (axes.h), the same way.
[[nodiscard]] Layout projected(Layout axes, const Coordinates& coordinates,
                               const SplatRegistry& registry, const Work& work,
                               const FactorMatrix* keys = nullptr, Backend* backend = nullptr);

// R Sigma R^T: xx, xy, xz, yy, yz, zz, as Layout::covariances.
[[nodiscard]] std::array<float, 6> projected_covariance(const CovarianceView& covariance,
                                                        const Layout& layout);

// sum_j K(j|s) y_j: [k, d]; by the backend's card where there is one.
[[nodiscard]] Matrix<float> key_means(const FactorMatrix& keys, const Matrix<float>& y,
                                      std::size_t k, Backend* backend = nullptr);

}  // namespace hsa
