#pragma once

#include "engine/attention/attend_gradient.h"
#include "engine/attention/factors.h"
#include "engine/compute/backend.h"
#include "engine/core/matrix.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/factors.h"
#include "engine/model/splat_registry.h"

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

// The axis of heads: one call for many, whose tokens, splats and widths may differ from head to
// head. Heads, and the rows inside each, are shared out together, so that many short heads use
// every core as one long head does; each result is bit for bit that of the head alone.
namespace hsa {

// Calls task(head) for each as parallel_for does. An Error is thrown on with "Head 3: " before its
// sentence.
void for_heads(std::size_t heads, const std::function<void(std::size_t)>& task);

struct HeadSplats {
    const SplatRegistry& registry;
    const Coordinates& coordinates;
};

// compute_factors() of every head: [heads].
[[nodiscard]] std::vector<Factors> compute_factors(Backend& backend,
                                                   std::span<const HeadSplats> heads,
                                                   const FactorOptions& options, const Work& work);

// One head of a batch: its factors [n, k] and what its tokens carry [n, v].
struct HeadValues {
    const Factors& factors;
    MatrixView<const float> values;
};

// O = A V of every head without A: [heads] of [n, v], as attend() of cells.h. Throws Error naming
// the head whose values have another number of rows.
[[nodiscard]] std::vector<Matrix<float>> attend_heads(std::span<const HeadValues> heads);

struct HeadSlopes {
    const SplatRegistry& registry;
    const Coordinates& coordinates;
    const Factors& factors;  // of these
    MatrixView<const float> values;
    MatrixView<const float> d_outputs;  // dL/dO [n, v]
};

// attend_gradient() of every head: [heads].
[[nodiscard]] std::vector<AttendGradient> attend_gradients(std::span<const HeadSlopes> heads,
                                                           double temperature, const Work& work);

}  // namespace hsa
