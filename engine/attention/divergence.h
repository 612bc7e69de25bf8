#pragma once

#include <span>

namespace hsa {

// Pieces of KL(T | A) = sum_j T ln(T / A) over a stretch of columns, vectorised; natural
// logarithms, relative error of a logarithm <= 2e-7. A is taken as at least 1e-30, T = 0 adds
// nothing. The spans of a call have one length, at most a chunk or two: lanes are summed in
// float32.

// sum t ln(t / a).
[[nodiscard]] double divergence(std::span<const float> t, std::span<const float> a);
// The same, and a <- t / a.
double divergence_to_ratio(std::span<const float> t, std::span<float> a);
// The same, and a <- (t / a) ln(t / a).
double divergence_to_ratio_log(std::span<const float> t, std::span<float> a);

}  // namespace hsa
