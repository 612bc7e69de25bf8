#pragma once

#include "engine/adapt/adjust.h"
#include "engine/adapt/draft.h"
#include "engine/adapt/propose.h"
#include "engine/adapt/trial.h"

namespace hsa {

// Writes down a proposal that was tried and acts on it: an accepted one is committed to the draft,
// a refused one rests. `probe` is the level's loss on the rows V before, `lambda` the price of a
// splat, `measure` the loss in words. Returns whether it was accepted.
bool record_trial(const AdaptInput& input, Draft& draft, const Proposal& proposal,
                  const TrialOutcome& outcome, double probe, double lambda, const char* measure);

// Writes down what became of a level's steps, `lambda` the price of a splat, and sets its next
// rate; the caller writes kept splats into the draft. Returns the level's KL on V afterwards.
double record_adjust(Draft& draft, const AdjustedLevel& adjusted, double lambda);

}  // namespace hsa
