#pragma once

#include "engine/core/matrix.h"

namespace hsa {

// Dense products on one thread (callers hand out tiles through core/parallel.h), float32.
// Shapes are checked; `out` must not overlap the inputs.

// out [m, n] = a [m, k] * b [k, n]
void multiply(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> out);
// out [m, n] = a [m, k] * b^T, b is [n, k]
void multiply_transposed(MatrixView<const float> a, MatrixView<const float> b,
                         MatrixView<float> out);
// out [k, n] = a^T * b, a is [m, k], b is [m, n]
void transposed_multiply(MatrixView<const float> a, MatrixView<const float> b,
                         MatrixView<float> out);
// The same in float64.
void multiply(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> out);
void multiply_transposed(MatrixView<const double> a, MatrixView<const double> b,
                         MatrixView<double> out);
void transposed_multiply(MatrixView<const double> a, MatrixView<const double> b,
                         MatrixView<double> out);

}  // namespace hsa
