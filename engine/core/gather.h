#pragma once

#include "engine/core/matrix.h"

#include <cstdint>
#include <span>

namespace hsa {

// Rows of a matrix by index: [rows.size(), cols].
[[nodiscard]] Matrix<float> gather_rows(MatrixView<const float> from,
                                        std::span<const std::uint32_t> rows);

}  // namespace hsa
