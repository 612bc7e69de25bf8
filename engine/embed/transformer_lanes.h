#pragma once

#include "engine/core/matrix.h"
#include "engine/embed/transformer.h"

#include <span>

namespace hsa {

// Inner loops of an encoder, for the widest instructions of the machine; one thread.

// x[i] = x Phi(x) (gelu; its error is below 2e-7 of |x|), x (1 + tanh(sqrt(2 / pi) (x + .044715
// x^3))) / 2 (gelu_tanh), or max(x, 0).
void activate(Activation activation, std::span<float> x);

// Every row becomes its values with mean 0 and variance 1, times scale plus shift; `epsilon` is
// added to the variance. Sums in float64.
void normalise_rows(const LayerNorm& norm, float epsilon, MatrixView<float> rows);

// to[i] += from[i].
void add_to(std::span<const float> from, std::span<float> to);

}  // namespace hsa
