#pragma once

#include "engine/adapt/controller.h"
#include "engine/attention/fit_rows.h"
#include "engine/fit/head.h"

#include <cstdint>
#include <vector>

namespace hsa {

// What every step of a head's cycle reads and none changes.
struct HeadContext {
    // Throws Error where the data have no target, attention is not the one that heads are fitted to
    // (temperature 1), and for splats of several levels, lowrank or full.
    HeadContext(Backend& used, const AdaptInput& read, const SplatRegistry& registry,
                std::int32_t number, const Work& tied);

    Backend& backend;
    const AdaptInput& input;
    const Work& work;
    std::uint64_t seed = 1;
    std::int32_t cycle = 0;
    Head head;            // with its near set
    FitRows rows;         // those of the fit, made here: V is `stop`, W `report`
    ExactRows probe;      // on V
    double lambda = 0.0;  // nats a splat: adapt.lambda x KL(T | uniform) on V

    // KL(T_i | A_i) of some rows, near and far together, and its mean over V.
    [[nodiscard]] std::vector<double> rows_kl(const SplatRegistry& registry,
                                              const ExactRows& exact) const;
    [[nodiscard]] double probe_kl(const SplatRegistry& registry) const;
};

}  // namespace hsa
