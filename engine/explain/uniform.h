#pragma once

#include "engine/core/range.h"

#include <cstddef>
#include <span>
#include <vector>

namespace hsa {

// What uniform attention gives where rows are causal: row i spreads over its i + 1 tokens. `rows`
// and `columns` are sorted ranges below n, not all of them empty.

// Each token from the rows, on average: [n]; 0 where none of them sees it.
[[nodiscard]] std::vector<double> causal_uniform_from(std::span<const Range> rows, std::size_t n);
// The columns from each token, on average: [n]; 0 where it sees none of them.
[[nodiscard]] std::vector<double> causal_uniform_to(std::span<const Range> columns, std::size_t n);

}  // namespace hsa
