#pragma once

#include <cstddef>

namespace hsa_bench {

// A cycle at n = 2^`exponent` tokens and 1,024 splats of four levels, story rates, held against a
// full pass (the factors of all tokens); the row-KL of each level on the columns that a cycle draws
// against that on all of them.
void at_scale_table(std::size_t exponent);

}  // namespace hsa_bench
