#pragma once

#include "engine/compute/backend.h"
#include "engine/compute/cpu/cpu_splats.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// Outputs without factors (backend.h), tile by tile: log kernels, exponentials and products of a
// tile of tokens stay in the caches of one core.

[[nodiscard]] KeySums cpu_key_sums(const CpuSplats& bound, MatrixView<const float> x,
                                   std::span<const float> log_row_weight,
                                   MatrixView<const float> values, const Work& work);

[[nodiscard]] std::vector<std::uint32_t> cpu_outputs(std::span<const QueryColumns> parts,
                                                     MatrixView<float> out, const Work& work);

}  // namespace hsa
