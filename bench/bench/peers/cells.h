#pragma once

#include "engine/core/matrix.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hsa_bench {

// Rows in cells by k-means, with the cells' means.
struct Cells {
    std::vector<std::uint32_t> label;  // [n]
    hsa::Matrix<float> mean;           // [k, d]
};
// At most k cells, fewer where fewer rows differ. Same seed, same bits.
[[nodiscard]] Cells cells_of(const hsa::Matrix<float>& x, std::size_t k, std::uint64_t seed);

}  // namespace hsa_bench
