#pragma once

#include "engine/adapt/places.h"
#include "engine/core/matrix.h"
#include "engine/model/covariance.h"

#include <span>
#include <vector>

namespace hsa {

// The covariance of each cell of y [n, d] about its centre [places, d], rows weighted, its
// eigenvalues shrunk half way in the log to the level's pooled variance (defaults.md 6), in the
// terms of lowrank or full: [places].
[[nodiscard]] std::vector<Covariance> cell_covariances(const Matrix<float>& y,
                                                       std::span<const float> weight,
                                                       const Places& places,
                                                       const Matrix<double>& centre, double pooled,
                                                       CovarianceKind kind);

}  // namespace hsa
