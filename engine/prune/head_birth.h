#pragma once

#include "engine/adapt/propose.h"
#include "engine/prune/head_pool.h"

#include <cstdint>
#include <optional>
#include <span>

namespace hsa {

// A splat of the median width of either side and ln w 0: keys around the mean of all keys weighted
// by `keys`, queries around that of `tokens` weighted by `queries` (weights of sum 1). In the form
// shared, which has one Gaussian for both, the keys' mean counts `keys_share` of its centre.
[[nodiscard]] Splat splat_between(const HeadContext& context, const SplatRegistry& registry,
                                  std::span<const double> keys,
                                  std::span<const std::uint32_t> tokens,
                                  std::span<const double> queries, double keys_share);

// A new splat where attention outside the near set is missing: a row drawn by its KL, two power
// steps on max(T - A, 0), the weighted means of the queries and of the keys found (in the form
// shared their middle), the median width of either side; the trial chooses among five shares.
[[nodiscard]] std::optional<Proposal> propose_head_birth(const HeadContext& context,
                                                         const HeadPool& pool,
                                                         const Eligibility& eligible);

}  // namespace hsa
