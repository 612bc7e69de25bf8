#pragma once

#include "engine/adapt/gradient.h"
#include "engine/model/adapt_state.h"

#include <map>
#include <vector>

namespace hsa {

// What one Adam step is measured in: rms of each coordinate [d]; a step of a centre is lr x rms, of
// ln precision and ln w it is lr (adaptation.md 1).
struct StepScale {
    std::vector<double> rms;
};
[[nodiscard]] StepScale step_scale(MatrixView<const float> x);

// One step against the gradient. Moments are kept by splat id, zero for a new one. Variances stay
// within a factor 100 of a splat's own mean (maths.md 7).
void adam_step(const LevelGradient& gradient, double rate, const StepScale& scale,
               std::map<SplatId, AdamMoments>& moments, LevelSplats& splats);

// One step of what all ln w have in common.
void shift_weights(const LevelGradient& gradient, double rate, AdamMoments& moments,
                   LevelSplats& splats);

}  // namespace hsa
