#pragma once

#include "engine/adapt/trial.h"
#include "engine/prune/head_pool.h"

#include <cstdint>
#include <optional>

namespace hsa {

// Joins the pair of cheapest_pair(): keys by moment matching; in the form paired the query side by
// the mean of its precisions and of precision times centre, which is the mean of the two log
// kernels; ln w such that the new splat has what the two had together, on average over the pool's
// rows weighted by that.
[[nodiscard]] std::optional<Proposal> propose_head_merge(const HeadContext& context,
                                                         const HeadPool& pool,
                                                         const Eligibility& eligible);

// As run_trial(), for a death or a merge: rows of the pool are drawn where the proposal's splats
// carry mass; a merged splat takes eight steps on half of them, the other half judge, all of A's
// normaliser and near set following; `probe_kl` is that of V before.
[[nodiscard]] TrialOutcome run_head_trial(const HeadContext& context, const HeadPool& pool,
                                          const SplatRegistry& registry, const Proposal& proposal,
                                          double probe_kl, std::uint64_t index);

}  // namespace hsa
