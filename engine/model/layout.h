#pragma once

#include "engine/core/matrix.h"
#include "engine/model/splat_registry.h"

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace hsa {

// A linear map R of the d' coordinates to three axes and everything drawn with it (maths.md 6). The
// same axes draw every level. A Gaussian's image is exact: N(R (mu - mean), R Sigma R^T).
struct Layout {
    std::string axes_name;              // "PCA of splats, weighted by usage"
    std::vector<float> mean;            // [d']
    Matrix<float> axes;                 // [3, d'], orthonormal rows (zero rows when d' < 3)
    std::array<double, 3> explained{};  // share of the usage-weighted variance of the centres
    std::vector<std::shared_ptr<const Matrix<float>>> points;  // [levels] of [n, 3]
    Matrix<float> centres;                                     // [k, 3], rows of the registry
    Matrix<float> covariances;  // [k, 6]: xx, xy, xz, yy, yz, zz of R Sigma R^T (maths.md 6)
};

}  // namespace hsa
