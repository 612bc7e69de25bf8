#pragma once

#include "engine/adapt/propose.h"
#include "engine/prune/head_pool.h"

#include <array>
#include <optional>

namespace hsa {

// One splat for two: keys by moment matching; in the form paired the query side by the mean of its
// precisions and of precision times centre, which is the mean of the two log kernels; ln w such
// that it has what the two had together, on average over the pool's rows weighted by that.
[[nodiscard]] Splat joined_of_head(const HeadContext& context, const HeadPool& pool,
                                   const SplatRegistry& registry,
                                   const std::array<SplatId, 2>& pair);

// Joins the pair of cheapest_pair().
[[nodiscard]] std::optional<Proposal> propose_head_merge(const HeadContext& context,
                                                         const HeadPool& pool,
                                                         const Eligibility& eligible);

}  // namespace hsa
