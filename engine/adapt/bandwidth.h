#pragma once

#include "engine/core/matrix.h"
#include "engine/core/work.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

struct Bandwidth {
    double beta = 1.0;
    double perplexity = 1.0;  // reached: mean over rows of exp H(P within the level)
};

// beta such that the mean of exp H(P(.|i)) within one level is `target`, by 40 halvings of ln beta
// in [ln 1e-6, ln 1e3], all weights equal (rulings.md "The recipe's corners"). log_kernel: [rows,
// k] at beta = 1. Not bracketed: the nearer end; k = 1: beta = 1.
[[nodiscard]] Bandwidth fit_bandwidth(const Matrix<float>& log_kernel, double target,
                                      const Work& work);

}  // namespace hsa
