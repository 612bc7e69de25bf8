#pragma once

#include "engine/compute/backend.h"
#include "engine/core/matrix.h"
#include "engine/core/range.h"
#include "engine/model/factors.h"

#include <span>
#include <vector>

namespace hsa {

// What a causal A needs running sums for; each O(n c), or O(n c v) for outputs, of causal factors.

// Mean of rows `tokens` (sorted ranges) of A: [n].
[[nodiscard]] std::vector<float> causal_mean_row(const Factors& factors,
                                                 std::span<const Range> tokens);
// Mean of columns `tokens`: [n].
[[nodiscard]] std::vector<float> causal_mean_column(const Factors& factors,
                                                    std::span<const Range> tokens);
// O = A V without A: values [n, v] -> [n, v]; by the card of `backend`, where it has one.
[[nodiscard]] Matrix<float> causal_outputs(const Factors& factors, MatrixView<const float> values,
                                           Backend* backend = nullptr);

}  // namespace hsa
