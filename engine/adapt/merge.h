#pragma once

#include "engine/adapt/propose.h"

#include <optional>
#include <span>

namespace hsa {

// The pair that is cheapest to join, the least (u_a + u_b)(1 - BC(K_a, K_b)) (adaptation.md), but
// for the splat that takes its place. `lambda` in nats a splat.
[[nodiscard]] std::optional<Proposal> cheapest_pair(const LevelPool& level,
                                                    const Eligibility& eligible, double lambda);

// Merges that pair.
[[nodiscard]] std::optional<Proposal> propose_merge(const CycleContext& context,
                                                    const LevelPool& level,
                                                    const Eligibility& eligible);

// One splat for two, by moment matching of their kernels with the shares of their usage, restricted
// to the kind of the first. Its weight is set by keep_mass.
[[nodiscard]] Splat joined(const Splat& a, const Splat& b, double usage_a, double usage_b);

// Sets ln w so that the mass w exp(c) of the whole is that of the parts: `log_mass_of_parts` are
// their ln w + c, `log_mass` is the c of the whole.
void keep_mass(std::span<const double> log_mass_of_parts, double log_mass, Splat& whole);

}  // namespace hsa
