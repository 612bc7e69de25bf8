#pragma once

#include "engine/fit/head.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace hsa_bench {

// Rows of clustered attention (Vyas et al. 2020), [rows.size(), n]: the exact row of the mean of
// the query's cell (k-means). With top_keys > 0 the improved one: the cell's strongest keys are
// scored exactly for each query and share the mass that the cell's row gives them.
[[nodiscard]] hsa::Matrix<float> clustered_query_rows(const hsa::Head& head,
                                                      std::span<const std::uint32_t> rows,
                                                      std::size_t clusters, std::size_t top_keys,
                                                      std::uint64_t seed);

}  // namespace hsa_bench
