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

// The adjusting and structural part of a cycle without a target: centres step towards the tokens
// they answer for, deaths and births are judged by coverage (rulings.md "Shapes and scores").
void adapt_to_coverage(Backend& backend, const AdaptInput& input, Draft& draft, const Work& work);

}  // namespace hsa
