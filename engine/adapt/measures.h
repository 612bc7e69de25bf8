#pragma once

#include "engine/attention/target.h"
#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/factors.h"
#include "engine/model/measures.h"
#include "engine/model/splat_registry.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace hsa {

// What the numbers depend on beside registry, data and target: those of the cycle settings.
struct MeasureOptions {
    std::uint64_t seed = 1;  // adapt.seed: the rows W
    std::size_t probe_rows = 128;
    std::vector<double> lambda;  // [levels] adapt.lambda; empty: 1e-3
    double temperature = 1.0;
    std::uint64_t fit_seed = 1;  // splats.seed: W of a head are the rows its fit kept apart

    [[nodiscard]] double lambda_of(std::size_t level) const {
        return lambda.empty() ? 1e-3 : lambda.at(level);
    }
};

// All numbers of one registry (maths.md 4, rulings.md "Adaptation"): usage, information and entropy
// over all tokens from the factors in O(n k); row-KL, row entropy and the objectives on the rows W.
// `factors` are those of `registry` with nothing muted and splats_per_token 0. Without a target
// row_kl is absent and the objectives are minus the mean log-coverage + 1e-3 k.
[[nodiscard]] Measures measure(const Factors& factors, const SplatRegistry& registry,
                               Backend& backend, const Coordinates& coordinates,
                               const Target* target, const MeasureOptions& options,
                               const Work& work);

// Usage, information and entropy alone, of factors in O(n k): what can follow a hand. Numbers of
// rows of A are absent, `row_entropy_mean` is 0.
[[nodiscard]] Measures measure_shares(const Factors& factors, const SplatRegistry& registry,
                                      const Work& work);

// P(s|i) averaged over all tokens: [c], sums to 1.
[[nodiscard]] std::vector<double> usage_of(const Factors& factors);

}  // namespace hsa
