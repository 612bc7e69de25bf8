#pragma once

#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/fit/fit.h"
#include "engine/fit/head.h"
#include "engine/fit/loss.h"
#include "engine/model/splat_registry.h"

#include <span>
#include <vector>

// Fits and their gradients of many heads in one call, each bit for bit as the head alone
// (attention/heads.h).
namespace hsa {

// fit() of every head: [heads]. Throws Error naming the head.
[[nodiscard]] std::vector<Fit> fit_heads(Backend& backend, std::span<const Head> heads,
                                         const FitOptions& options, const Work& work);

struct HeadAtRows {
    const SplatRegistry& registry;
    const Head& head;
    const ExactRows& exact;
};

// fit_gradient() of every head: [heads].
[[nodiscard]] std::vector<FitGradient> fit_gradients(Backend& backend,
                                                     std::span<const HeadAtRows> heads,
                                                     double output_weight, const Work& work);

}  // namespace hsa
