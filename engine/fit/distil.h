#pragma once

#include "engine/fit/fit.h"
#include "engine/model/dataset.h"
#include "engine/model/settings.h"

#include <cstddef>
#include <string>

namespace hsa {

// Splats needed for a row-KL of .1 at a mean row entropy H in nats, with and without a near set:
// ln KL = .88 - .45 H - .72 ln k and 3.45 - .90 H - .78 ln k (real-heads.md 6). At least 1.
[[nodiscard]] std::size_t splats_for_entropy(double row_entropy, bool near);

struct Distilled {
    Fit fit;
    double row_entropy = 0.0;  // of the target on 64 sampled rows, nats
    bool chosen_here = false;  // the number of splats was not asked for
    double stop_kl = 0.0;      // row-KL on the rows that the fit stopped by, none it reports on
};

// The splats of `splats.init distil`, and of kmeans without its steps, in the form shared or
// paired, fitted to what the near set leaves: as many as the one count asks for; without one from
// twice splats_for_entropy() on, doubled until the row-KL on the rows that a fit stops by is at
// most .1, up to 256. Throws Error for more than one level, a method or kind of covariance that a
// fit does not have, and for what fit() throws.
[[nodiscard]] Distilled distil(Backend& backend, const Dataset& dataset,
                               const Coordinates& coordinates, const Target& target, Form form,
                               const InitSettings& init, const SplatSettings& settings,
                               const NearOptions& near, const Work& work);

// "64 splats fitted in 90 steps: row-KL 0.031, ...": what the screen says of it.
[[nodiscard]] std::string fit_sentence(const Distilled& distilled);

}  // namespace hsa
