#pragma once

#include "engine/adapt/draft.h"
#include "engine/adapt/propose.h"
#include "engine/adapt/trial.h"

namespace hsa {

// Writes down a proposal that was tried and acts on it: an accepted one is committed to the draft,
// a refused one rests. `probe` is the level's loss on the rows V before, `lambda` the price of a
// splat, `measure` the loss in words. Returns whether it was accepted.
bool record_trial(const AdaptInput& input, Draft& draft, const Proposal& proposal,
                  const TrialOutcome& outcome, double probe, double lambda, const char* measure);

}  // namespace hsa
