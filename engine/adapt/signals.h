#pragma once

#include "engine/model/adapt_state.h"

#include <cstddef>
#include <map>
#include <span>

namespace hsa {

// Temporal consistency over texts that come in turn (warm_up.h): what a splat is to the text of now
// is blended with what it was to those before, by its id. With s = adapt.smoothing a signal is
// (1 - s) now + s before, before = the mean over former texts, weighted s^0, s^1, ... from the last
// one back. A splat without a past speaks for itself.
class Signals {
  public:
    Signals() = default;  // no past
    Signals(const std::map<SplatId, PastSignals>& past, double smoothing)
        : past_(&past), smoothing_(smoothing) {}

    [[nodiscard]] double usage(SplatId id, double now) const;
    [[nodiscard]] double error_share(SplatId id, double now) const;
    // A splat that this text has no use for and former ones had: below a quarter of an even share
    // now, but not when smoothed. It is left alone: nothing that this text says can judge it.
    [[nodiscard]] bool dormant(SplatId id, double now, double even) const;

  private:
    [[nodiscard]] double blended(SplatId id, double now, float SplatSignal::*member) const;

    const std::map<SplatId, PastSignals>* past_ = nullptr;
    double smoothing_ = 0.0;
};

// What the splats are to the text at hand, remembered until it ends; nothing with smoothing 0.
void note_signals(std::span<const SplatId> ids, std::span<const double> usage,
                  std::span<const double> error_share, double smoothing, AdaptState& state);
// The text at hand becomes one of those before; of more than ten the oldest goes.
void end_of_text(AdaptState& state);

}  // namespace hsa
