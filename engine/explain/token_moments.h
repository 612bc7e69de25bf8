#pragma once

#include "engine/core/matrix.h"
#include "engine/core/range.h"
#include "engine/core/work.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// Tokens whose covariance is formed at most: fewer where there are many dimensions.
inline constexpr std::size_t kMostLookedAt = 100000;

// `most` of the tokens of some ranges, evenly, or all of them: rising. Ranges: sorted, apart,
// within the data.
[[nodiscard]] std::vector<std::uint32_t> drawn_evenly(std::span<const Range> ranges,
                                                      std::size_t most);
// How many tokens of d dimensions a covariance may take: kMostLookedAt, or what 2^33 products do.
[[nodiscard]] std::size_t most_looked_at(std::size_t dimension);

// Mean and covariance of some rows, in float64. The sums do not depend on threads.
struct TokenMoments {
    std::size_t count = 0;
    std::vector<double> mean;   // [d]
    Matrix<double> covariance;  // [d, d], over count
    double fourth = 0.0;        // mean of |x - mean|^4
};
[[nodiscard]] TokenMoments moments_of(const Matrix<float>& rows,
                                      std::span<const std::uint32_t> chosen, const Work& work);

}  // namespace hsa
