#pragma once

#include <span>

namespace hsa {

// Vectorised, the widest instructions of the machine chosen at run time. Relative error <= 2e-7.
// exp of anything below -104 is 0.

// values[i] = exp(values[i] - shift); returns their sum in float64 (fixed order).
double exp_shifted(std::span<float> values, float shift);
// values[i] = exp(values[i] - shift[i]).
void exp_shifted(std::span<float> values, std::span<const float> shift);
// sums[i] += exp(values[i] - shift[i]), in float64.
void add_exp_shifted(std::span<const float> values, std::span<const float> shift,
                     std::span<double> sums);
// ln sum exp(values), in float64; -infinity when empty or all are -infinity.
[[nodiscard]] double log_sum_exp(std::span<const float> values);
// Replaces log scores by probabilities that sum to 1; returns ln of the normaliser. All -infinity:
// all 0.
double softmax(std::span<float> values);

}  // namespace hsa
