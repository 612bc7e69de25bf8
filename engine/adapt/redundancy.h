#pragma once

#include "engine/model/factors.h"

#include <cstddef>

namespace hsa {

// Cosine of the maps phi_s phi_s^T and phi_t phi_t^T of two columns of the factors, in [0, 1]:
// (phi_s . phi_t)^2 / (|phi_s|^2 |phi_t|^2) over all tokens (maths.md 4 "Redundancy").
[[nodiscard]] double redundancy(const Factors& factors, std::size_t s, std::size_t t);

// Overlap of K(.|s) and K(.|t): the Bhattacharyya coefficient sum_j sqrt(K(j|s) K(j|t)), in [0, 1].
[[nodiscard]] double overlap(const Factors& factors, std::size_t s, std::size_t t);

}  // namespace hsa
