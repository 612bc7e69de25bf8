#pragma once

#include "engine/core/matrix.h"
#include "engine/model/factors.h"

#include <span>
#include <vector>

namespace hsa {

// One head of a batch: its factors [n, k] and what its tokens carry [n, v]; n, k and v may differ
// from head to head.
struct HeadValues {
    const Factors& factors;
    MatrixView<const float> values;
};

// O = A V of every head in one call: [heads] of [n, v], each bit for bit what attend() of cells.h
// gives for the head alone, for any number of threads. Heads, and the rows inside each, are shared
// out together, so that many short heads use every core as one long head does. Throws Error naming
// the head whose values have another number of rows.
[[nodiscard]] std::vector<Matrix<float>> attend_heads(std::span<const HeadValues> heads);

}  // namespace hsa
