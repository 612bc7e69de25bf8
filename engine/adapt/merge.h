#pragma once

#include "engine/adapt/propose.h"

#include <optional>

namespace hsa {

// Merges the pair that is cheapest to join: the least (u_a + u_b)(1 - BC(K_a, K_b))
// (adaptation.md).
[[nodiscard]] std::optional<Proposal> propose_merge(const CycleContext& context, const Pool& pool,
                                                    const LevelPool& level,
                                                    const Eligibility& eligible);

// One splat for two, by moment matching of their kernels with the shares of their masses; its log
// amplitude keeps the summed weight. Restricted to the kind of the first.
[[nodiscard]] Splat joined(const Splat& a, const Splat& b, double mass_a, double mass_b);

}  // namespace hsa
