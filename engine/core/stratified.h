#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hsa {

// Rows that stand for n, one in the middle of each of `count` equal stretches; all of them where
// there are no more. Rising.
[[nodiscard]] inline std::vector<std::uint32_t> stratified_rows(std::size_t n, std::size_t count) {
    std::vector<std::uint32_t> rows(std::min(n, count));
    for (std::size_t r = 0; r < rows.size(); ++r)
        rows[r] = static_cast<std::uint32_t>((2 * r + 1) * n / (2 * rows.size()));
    return rows;
}

}  // namespace hsa
