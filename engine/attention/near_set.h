#pragma once

#include "engine/attention/target.h"
#include "engine/core/range.h"
#include "engine/model/factors.h"
#include "engine/model/settings.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// Rows that stand for all where all are too many: one drawn from each of 64 equal stretches, all of
// them where n <= 64. Rising, the same for one n.
[[nodiscard]] std::vector<std::uint32_t> sampled_rows(std::size_t tokens);
// The same of `count` stretches, drawn from a seed.
[[nodiscard]] std::vector<std::uint32_t> sampled_rows(std::size_t tokens, std::size_t count,
                                                      std::uint64_t seed);

// The `count` columns of the largest sum over sampled_rows() of the target; rising, ties to the
// lower. O(64 n d).
[[nodiscard]] std::vector<std::uint32_t> heaviest_columns(const Target& target, std::size_t count);

// The near sets of `rows` (rising, one a row of factors.p; empty: row r is token r): the window,
// the anchors, and the tokens of the options.near splats of the finest level with the largest P. A
// token belongs to the splat of that level with the largest K (ties: lower row), and to none where
// single precision left nothing of any. Of a splat's tokens those of largest K are taken, among
// those that the row sees; masked tokens are in none. `factors` are those of A = P K before any
// causal step. O(n k + rows (window + anchors + near x near_limit)), the same for any number of
// threads.
[[nodiscard]] NearSet near_set(const Factors& factors, std::span<const std::uint32_t> rows,
                               const NearOptions& options, std::span<const std::uint32_t> anchors);

}  // namespace hsa
