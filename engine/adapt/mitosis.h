#pragma once

#include "engine/adapt/propose.h"

#include <optional>
#include <vector>

namespace hsa {

// Splits the splat of largest error share along the residual direction.
[[nodiscard]] std::optional<Proposal> propose_mitosis(const CycleContext& context, const Pool& pool,
                                                      const LevelPool& level,
                                                      const Eligibility& eligible);

// The direction in which attention inside a splat is least explained: the top eigenvector of
// X_q^T (W - W0) X_k, W - W0 = P(s|i) K(j|s) (R - 1), in coordinates whitened by its kernel, and
// given here in the splat's own coordinates (unit length). Empty when there is none.
[[nodiscard]] std::vector<double> residual_direction(const CycleContext& context, const Pool& pool,
                                                     const LevelPool& level, std::size_t column);

// Two halves of a splat, .7 standard deviations either way along `direction` (the principal axis
// when empty), each half the weight, restricted to the splat's kind.
[[nodiscard]] std::vector<Splat> halves(const Splat& splat, std::span<const double> direction);

}  // namespace hsa
