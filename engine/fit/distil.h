#pragma once

#include "engine/fit/fit.h"
#include "engine/model/dataset.h"
#include "engine/model/settings.h"

#include <string>

namespace hsa {

// The splats of `splats.init distil`, and of kmeans without its steps, in the form shared or
// paired: as many as the one count asks for, 64
// without one, fitted to what the near set leaves. Throws Error for more than one level,
// a method or kind of covariance that a fit does not have, and for what fit() throws.
[[nodiscard]] Fit distil(Backend& backend, const Dataset& dataset, const Coordinates& coordinates,
                         const Target& target, Form form, const InitSettings& init,
                         const SplatSettings& settings, const NearOptions& near, const Work& work);

// "64 splats fitted in 90 steps: row-KL 0.031, ...": what the screen says of it.
[[nodiscard]] std::string fit_sentence(const Fit& fit);

}  // namespace hsa
