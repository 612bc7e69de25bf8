#pragma once

#include "engine/adapt/propose.h"

#include <optional>
#include <vector>

namespace hsa {

// Splits the splat of largest error share along the residual direction.
[[nodiscard]] std::optional<Proposal> propose_mitosis(const CycleContext& context, const Pool& pool,
                                                      const LevelPool& level,
                                                      const Eligibility& eligible);

// The splat of a level to split: the one of largest error share that may be and has more than
// `lambda` of it; level.splats.size() when none.
[[nodiscard]] std::size_t worst_splat(const LevelPool& level, const Eligibility& eligible,
                                      double lambda);
// The places of the pool where a splat carries most, at most 128, by falling P.
[[nodiscard]] std::vector<std::size_t> strongest_places(const LevelPool& level, std::size_t column);

// The direction in which attention inside a splat is least explained: the top eigenvector of
// X_q^T (W - W0) X_k, W - W0 = P(s|i) K(j|s) (R - 1), in coordinates whitened by its kernel, and
// given here in the splat's own coordinates (unit length). Empty when there is none.
[[nodiscard]] std::vector<double> residual_direction(const CycleContext& context, const Pool& pool,
                                                     const LevelPool& level, std::size_t column);

// Two halves of a splat, .7 standard deviations either way along `direction` (the principal axis
// when empty), each half the weight, restricted to the splat's kind.
[[nodiscard]] std::vector<Splat> halves(const Splat& splat, std::span<const double> direction);

}  // namespace hsa
