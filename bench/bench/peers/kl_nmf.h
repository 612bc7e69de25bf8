#pragma once

#include "engine/core/matrix.h"

#include <cstddef>

namespace hsa_bench {

// T = W H with both row-stochastic, by EM for KL(T | W H) (Lee and Seung 2001): what no splats, nor
// any other nonnegative rank k, can be much better than. Only local: the floor depends on the
// start.
struct KlNmf {
    hsa::Matrix<float> w;  // [n, k]
    hsa::Matrix<float> h;  // [k, m]
    double kl = 0.0;       // mean KL(T_i | (W H)_i)
    std::size_t rounds = 0;
};
// Rounds from the given start, steps longer than EM's while they pay, until ten rounds gain less
// than `rest` of the KL.
[[nodiscard]] KlNmf kl_nmf(const hsa::Matrix<float>& target, hsa::Matrix<float> w,
                           hsa::Matrix<float> h, double rest, std::size_t most_rounds);

}  // namespace hsa_bench
