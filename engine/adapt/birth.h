#pragma once

#include "engine/adapt/propose.h"

#include <optional>

namespace hsa {

// A new splat where attention is missing: a row drawn by its KL, two power steps on max(T - A, 0),
// the weighted means of the rows and columns found, the level's median width; the trial chooses
// among five shares (adaptation.md).
[[nodiscard]] std::optional<Proposal> propose_birth(const CycleContext& context, const Pool& pool,
                                                    const LevelPool& level,
                                                    const Eligibility& eligible);

// A splat of the level's median width and beta, and of its first splat's kind, centred on nothing
// yet.
[[nodiscard]] Splat median_splat(const SplatRegistry& registry, std::size_t level);

}  // namespace hsa
