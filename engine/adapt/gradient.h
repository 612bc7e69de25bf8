#pragma once

#include "engine/adapt/level_attention.h"
#include "engine/attention/kernel_sums.h"

#include <span>
#include <vector>

namespace hsa {

// The loss and what each parameter does to it. Spherical splats have one precision a splat. The
// shape of lowrank and full splats is changed by mitosis and merge, not by steps: it has no slope.
struct LevelGradient : KernelSlopes {
    double loss = 0.0;
    std::vector<double> log_weight;  // [k]
};

// The gradient of sum_i weight_i KL(T_i | A_l,i) over sampled rows: x [m, d] and column_log_weight
// as for level_keys, x_rows [r, d], t [r, m], row_weight [r] (1/r each for a mean). The same
// Gaussian acts as query and as key (form token). seen [r] or empty: columns that each row sees
// (past.h).
[[nodiscard]] LevelGradient sampled_gradient(Backend& backend, const LevelSplats& splats,
                                             double temperature, double background_logit,
                                             MatrixView<const float> x, double column_log_weight,
                                             MatrixView<const float> x_rows,
                                             MatrixView<const float> t,
                                             std::span<const double> row_weight,
                                             std::vector<std::size_t> seen = {});

}  // namespace hsa
