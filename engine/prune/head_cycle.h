#pragma once

#include "engine/adapt/controller.h"

namespace hsa {

// One cycle of splats that were fitted to a head (forms shared and paired; real-heads.md 6: start
// at twice the rule and prune): ten steps of the fit on drawn exact rows, kept if row-KL on V
// drops, then deaths, merges, splits and births, tried on drawn rows and by V, committed or left.
// V and W are the rows that the fit stopped by and reported on. A pure function of its arguments;
// throws Cancelled, never half a cycle, and Error for what HeadContext refuses.
[[nodiscard]] CycleResult adapt_head_cycle(Backend& backend, const AdaptInput& input,
                                           const AdaptState& state, const Work& work);

}  // namespace hsa
