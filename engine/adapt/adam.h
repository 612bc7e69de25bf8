#pragma once

#include "engine/adapt/gradient.h"
#include "engine/attention/adam_steps.h"
#include "engine/model/adapt_state.h"

#include <map>
#include <vector>

namespace hsa {

// One step against the gradient. Moments are kept by splat id, zero for a new one. Variances stay
// within a factor 100 of a splat's own mean (maths.md 7). A splat whose slope is not finite (so far
// from all tokens that nothing is left of it) stays as it is.
void adam_step(const LevelGradient& gradient, double rate, const StepScale& scale,
               std::map<SplatId, AdamMoments>& moments, LevelSplats& splats);

// One step of what all ln w have in common.
void shift_weights(const LevelGradient& gradient, double rate, AdamMoments& moments,
                   LevelSplats& splats);

}  // namespace hsa
