#pragma once

#include "engine/adapt/trial.h"
#include "engine/prune/head_pool.h"

#include <cstdint>

namespace hsa {

// As run_trial(): rows of the pool are drawn where the proposal's splats carry mass (birth: where
// the new one would); new splats take eight steps on half of them, the other half judge, all of A's
// normaliser and near set following; `probe_kl` is that of V before.
[[nodiscard]] TrialOutcome run_head_trial(const HeadContext& context, const HeadPool& pool,
                                          const SplatRegistry& registry, const Proposal& proposal,
                                          double probe_kl, std::uint64_t index);

}  // namespace hsa
