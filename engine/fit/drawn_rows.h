#pragma once

#include "engine/attention/near_set.h"
#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/fit/head.h"
#include "engine/fit/loss.h"
#include "engine/model/factors.h"
#include "engine/model/splat_registry.h"

#include <cstddef>
#include <span>
#include <vector>

namespace hsa {

// The rows of A that exact rows are held against, the head's near set and all.
struct DrawnRows {
    Factors factors;                // P of the rows, K of all tokens
    NearSet set;                    // with a near set ...
    std::vector<double> far_scale;  // ... [b] s_i of attention/near_factors.h
    Matrix<float> a;                // [b, n] A, or T / A
    Matrix<float> missed;           // [b, v] (A - T) V
    FitLoss loss;
};
[[nodiscard]] DrawnRows drawn_rows(Backend& backend, const SplatRegistry& registry,
                                   const Head& head, const ExactRows& exact, bool to_ratio,
                                   const Work& work);

// Zeroes what is near or not seen in columns [begin, begin + columns.size()) of a row.
void clear_near(const Head& head, const NearSet& set, std::size_t token, std::size_t row,
                std::size_t begin, std::span<float> columns);

// The offset that gives the far part the share of the exact rows, on average (solve_offset of
// attention/far_mass.h).
[[nodiscard]] double offset_on_rows(Backend& backend, const SplatRegistry& registry,
                                    const Head& head, const ExactRows& exact, const Work& work);

}  // namespace hsa
