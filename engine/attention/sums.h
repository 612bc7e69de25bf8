#pragma once

#include "engine/core/range.h"
#include "engine/model/factors.h"

#include <span>

namespace hsa {

// Sums of a factor's rows over any range of tokens, float64: whole tiles from the prefix sums, the
// tokens at both ends from the factor itself, so that weak cells keep their digits (maths.md 7).
// out: [c].
void range_sum(const Matrix<float>& factor, const Matrix<double>& prefix, Range tokens,
               std::span<double> out);

}  // namespace hsa
