#pragma once

#include "engine/adapt/level_coverage.h"
#include "engine/adapt/propose.h"
#include "engine/adapt/trial.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace hsa {

// A proposal without a target, and the tokens it is about.
struct CoverageProposal {
    Proposal proposal;
    std::vector<std::uint32_t> tokens;
};

// A new splat at the token of lowest log-coverage, with the shrunk covariance of its neighbours
// (Ledoit and Wolf 2004) and the best of five shares of the level's weight (maths.md 4).
[[nodiscard]] std::optional<CoverageProposal> propose_covering_birth(const LevelCoverage& coverage,
                                                                     const LevelSplats& splats,
                                                                     const Eligibility& eligible);
// Removes the splat that answers for the fewest tokens. At least two stay.
[[nodiscard]] std::optional<CoverageProposal> propose_covering_death(const LevelCoverage& coverage,
                                                                     const LevelSplats& splats,
                                                                     const Eligibility& eligible);

// Judges a proposal on the pool's other half and on V, by minus the log-coverage: the limits of
// adaptation.md 4 with `lambda` a splat. `probe_loss` is that of V as the level is.
[[nodiscard]] TrialOutcome weigh(const LevelCoverage& coverage, const SplatRegistry& registry,
                                 const LevelSplats& splats, const CoverageProposal& made,
                                 double lambda, double probe_loss);

}  // namespace hsa
