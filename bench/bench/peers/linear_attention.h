#pragma once

#include "engine/fit/head.h"

#include <cstdint>
#include <span>

namespace hsa_bench {

// Rows of linear attention (Katharopoulos et al. 2020), [rows.size(), n]: features elu(scale x) +
// 1, one an axis, so its width is d whatever k is.
[[nodiscard]] hsa::Matrix<float> linear_attention_rows(const hsa::Head& head,
                                                       std::span<const std::uint32_t> rows,
                                                       double scale);

}  // namespace hsa_bench
