#pragma once

#include "engine/core/matrix.h"
#include "engine/model/axes.h"
#include "engine/model/splat_registry.h"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hsa {

// A name at a place of the picture: the mean of a class, an end of an axis.
struct AxisMark {
    std::string name;
    std::array<float, 3> at{};
};

// What the axes of a layout are and what they leave out.
struct AxesFacts {
    AxesChoice choice;
    bool refused = false;                   // the data do not give it: axes of the splats; `note`
    std::string explained_of;               // "the variance of the tokens"
    std::string hides;                      // one sentence
    std::string note;                       // what the numbers rest on; may be empty
    std::size_t looked_at = 0, tokens = 0;  // tokens the axes were made from, and there are
    std::size_t toured = 0;                 // principal axes that the tour passes through
    std::optional<double> shrinkage;        // of the covariance within classes, 0..1
    // Of two classes along the first axis: their means apart, in standard deviations within them.
    std::optional<double> gap;
    // Variance between the means of the classes over that within them, along the first axis.
    std::optional<double> ratio;
    std::vector<AxisMark> marks;
    bool joined = false;  // the two marks are the ends of the first axis
};

// A linear map R of the d' coordinates to three axes and everything drawn with it (maths.md 6). The
// same axes draw every level. A Gaussian's image is exact: N(R (mu - mean), R Sigma R^T).
struct Layout {
    std::string axes_name;              // "PCA of splats, weighted by usage"
    std::vector<float> mean;            // [d']
    Matrix<float> axes;                 // [3, d'], orthonormal rows (zero rows when d' < 3)
    std::array<double, 3> explained{};  // share of the usage-weighted variance of the centres, or
                                        // of what `facts` say
    std::vector<std::shared_ptr<const Matrix<float>>> points;  // [levels] of [n, 3]
    Matrix<float> centres;                                     // [k, 3], rows of the registry
    Matrix<float> covariances;  // [k, 6]: xx, xy, xz, yy, yz, zz of R Sigma R^T (maths.md 6)
    AxesFacts facts;
};

}  // namespace hsa
