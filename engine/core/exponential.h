#pragma once

#include <span>

namespace hsa {

// Vectorised, the widest instructions of the machine chosen at run time. Relative error <= 2e-7.

// values[i] = exp(values[i] - shift); returns their sum in float64 (fixed order).
double exp_shifted(std::span<float> values, float shift);
// ln sum exp(values), in float64; -infinity when empty or all are -infinity.
[[nodiscard]] double log_sum_exp(std::span<const float> values);
// Replaces log scores by probabilities that sum to 1; returns ln of the normaliser. All -infinity: all 0.
double softmax(std::span<float> values);

}  // namespace hsa
