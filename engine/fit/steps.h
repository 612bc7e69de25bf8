#pragma once

#include "engine/attention/adam_steps.h"
#include "engine/fit/loss.h"

namespace hsa {

// Adam on centres, ln variances, ln beta and ln w of all splats of a registry, its background's ln
// w and, in the form shared, kappa; with an offset on that and kappa_query or query_quadratic, all
// axes of it alike. A step of a centre is the rate times the rms of its coordinate
// on that side, of the others the rate. Variances stay within a factor 100 of a splat's own mean
// (maths.md 7).
class FitSteps {
  public:
    explicit FitSteps(const Head& head);
    void step(const FitGradient& gradient, double rate, SplatRegistry& registry);

  private:
    StepScale key_scale_;
    StepScale query_scale_;
    AdamMoments moments_;
};

}  // namespace hsa
