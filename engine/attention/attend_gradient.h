#pragma once

#include "engine/compute/backend.h"
#include "engine/core/matrix.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/factors.h"
#include "engine/model/splat_registry.h"

#include <cstddef>
#include <vector>

namespace hsa {

// What each parameter does to a loss L of the outputs O = A V, form token (maths.md 5). Rows and
// columns as the registry's. What is not heard (muted, weight or amplitude 0) has exactly 0.
struct AttendGradient {
    Matrix<double> centre;  // [k, d]
    // By the parameters of each splat's kind:
    //   spherical  ln sigma^2
    //   diagonal   ln of each variance [d]
    //   lowrank    ln of each number of D [d], then F by rows [d r] (Sigma = D + F F^T)
    //   full       ln of each number on the diagonal of L [d], then what lies below it, by rows
    //              [d (d - 1) / 2] (Sigma = L L^T)
    std::vector<std::vector<double>> covariance;
    std::vector<double> log_beta;       // [k]
    std::vector<double> log_amplitude;  // [k]
    // [levels] of ln w_level, which counts as a share of all weights: a muted level's own weight
    // still sets how much the others are beside a background, and has that slope.
    std::vector<double> log_level_weight;
    double background_log_weight = 0.0;
    double log_temperature = 0.0;
    std::vector<Matrix<float>> coordinates;  // a level: [n, d]; shared blocks are the caller's sum
    Matrix<float> values;                    // [n, v]
};

// From dL/dO [n, v] in O(n k (d + v)) (full splats: O(n d^2) each), never n x n. `factors` are
// those of registry, coordinates and temperature with every splat kept (splats_per_token 0), values
// [n, v]. Sums over tokens are float64 in the chunks of core/parallel.h: the same bits for any
// number of threads. Throws a fault when shapes differ, Error when splats were dropped from the
// factors. Where `backend` has a card for it, sums over tokens and slopes of spherical and diagonal
// splats are its: products of float32 numbers, added up in float32 inside a chunk of tokens.
[[nodiscard]] AttendGradient attend_gradient(const SplatRegistry& registry,
                                             const Coordinates& coordinates, const Factors& factors,
                                             double temperature, MatrixView<const float> values,
                                             MatrixView<const float> d_outputs, const Work& work,
                                             Backend* backend = nullptr);

}  // namespace hsa
