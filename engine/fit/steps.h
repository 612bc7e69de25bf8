#pragma once

#include "engine/attention/adam_steps.h"
#include "engine/fit/loss.h"

#include <map>
#include <span>

namespace hsa {

// Adam on centres, ln variances, ln beta and ln w of the splats of a registry, and on what they
// have in common: its background's ln w and, in the form shared, kappa; with an offset on that and
// kappa_query or query_quadratic, all axes of it alike. A step of a centre is the rate times the
// rms of its coordinate on that side, of the others the rate. Variances stay within a factor 100 of
// a splat's own mean (maths.md 7).
class FitSteps {
  public:
    explicit FitSteps(const Head& head);
    // `moments` as AdaptState's: a splat's under its id, what is common under kNoSplat.
    void step(const FitGradient& gradient, double rate, SplatRegistry& registry,
              std::map<SplatId, AdamMoments>& moments) const;
    // The same of some splats alone; nothing else moves.
    void step_only(std::span<const SplatId> splats, const FitGradient& gradient, double rate,
                   SplatRegistry& registry, std::map<SplatId, AdamMoments>& moments) const;
    // The length of a gradient, centres in units of their coordinate's rms as the steps are.
    [[nodiscard]] double norm(const FitGradient& gradient) const;

  private:
    void step_splat(std::size_t row, const FitGradient& gradient, double rate,
                    SplatRegistry& registry, AdamMoments& moments) const;

    StepScale key_scale_;
    StepScale query_scale_;
};

}  // namespace hsa
