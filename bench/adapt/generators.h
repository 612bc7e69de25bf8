#pragma once

#include "engine/core/matrix.h"

#include <cstddef>
#include <cstdint>

namespace hsa_bench {

// Data with a known structure (adaptation.md "The generators"), [n, d], the same for one seed.

// 24 directions in 16 dimensions with Dirichlet(3) weights; `shifted`: every other one replaced.
[[nodiscard]] hsa::Matrix<float> clusters(std::size_t n, std::uint64_t seed, bool shifted = false);
// 48 leaves of a tree of 4 x 4 x 3 in 16 dimensions.
[[nodiscard]] hsa::Matrix<float> tree(std::size_t n, std::uint64_t seed);
// A band along the diagonal with four stretches that return in the second half.
[[nodiscard]] hsa::Matrix<float> band(std::size_t n, std::uint64_t seed);
// Sixty directions in `d` dimensions that neighbours share, each row of length sqrt(d).
[[nodiscard]] hsa::Matrix<float> topics(std::size_t n, std::size_t d, std::uint64_t seed);

}  // namespace hsa_bench
