#pragma once

#include "engine/fit/head.h"

#include <cstddef>

namespace hsa_bench {

// How far rows A are from the exact ones.
struct Quality {
    double kl = 0.0;      // mean KL(T_i | A_i), nats
    double output = 0.0;  // |T V - A V| / |T V| over the columns that carry the groups
    double noise = 0.0;   // over the columns that are noise
};
// values [n, v], the first `grouped` columns of them carrying the groups.
[[nodiscard]] Quality quality_of(const hsa::ExactRows& exact, const hsa::Matrix<float>& a,
                                 const hsa::Matrix<float>& values, std::size_t grouped);
// The smaller of each.
[[nodiscard]] Quality best_of(const Quality& x, const Quality& y);

}  // namespace hsa_bench
