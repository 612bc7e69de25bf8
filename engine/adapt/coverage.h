#pragma once

#include "engine/adapt/draft.h"
#include "engine/adapt/level_attention.h"
#include "engine/adapt/rows.h"

#include <vector>

namespace hsa {

// Coverage of a token by a level: ln sum_s pi_s exp(ell_s(x)), pi the level's weights divided by
// their sum; at most 0, reached at the centre of a splat that has all the weight. What adaptation
// works with where no target is wanted (rulings.md: "coverage mode"). x [r, d] -> [r].
[[nodiscard]] std::vector<double> log_coverage(Backend& backend, const LevelSplats& splats,
                                               double temperature, MatrixView<const float> x);

// Minus its mean over all rows of x, the same bits for any number of threads.
[[nodiscard]] double coverage_loss(Backend& backend, const LevelSplats& splats, double temperature,
                                   MatrixView<const float> x, const Work& work);

// The structural and adjusting part of a cycle without a target: centres step towards the tokens
// they answer for; a birth goes to the token of lowest coverage, with the shrunk covariance of its
// neighbours (Ledoit and Wolf 2004); a death takes the splat of lowest usage. Widths and weights
// stay: coverage alone would let them grow without end.
void adapt_to_coverage(Backend& backend, const AdaptInput& input, Draft& draft, const Work& work);

}  // namespace hsa
