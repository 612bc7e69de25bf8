#pragma once

#include "engine/compute/backend.h"
#include "engine/core/matrix.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/settings.h"
#include "engine/model/splat_registry.h"

namespace hsa {

struct OutputOptions {
    double temperature = 1.0;
    LevelMask mask;
};

// O = A V without P and K: values [n, v] -> [n, v] in O(n k (d + v)) and memory that does not hold
// n k numbers, for data whose factors would be too large (maths.md 2; attend() of cells.h is
// cheaper where they are at hand). A first pass over the keys sums up U = K V and c_s of every
// splat, a second one forms P and P U, both chunk by chunk with the log kernels computed anew. The
// same bits for any number of threads; rows far from every splat as in compute_factors. Throws
// Error when every level is muted or has weight zero, when the values have another number of rows
// and when the shapes of registry and coordinates differ.
[[nodiscard]] Matrix<float> compute_outputs(Backend& backend, const SplatRegistry& registry,
                                            const Coordinates& coordinates,
                                            MatrixView<const float> values,
                                            const OutputOptions& options, const Work& work);

}  // namespace hsa
