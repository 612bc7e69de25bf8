#pragma once

#include "engine/core/matrix.h"
#include "engine/core/work.h"

#include <cstddef>
#include <span>
#include <vector>

namespace hsa {

// Widths h of smoothing in tokens, finest level first (defaults.md 3, rulings.md for other numbers
// of levels).
[[nodiscard]] std::vector<double> smoothing_widths(std::size_t tokens, std::size_t levels);

// Weighted smoothing along the rows: sum w G y / sum w G over the tokens that exist (rulings.md
// "The recipe's corners"), summed in float64 in fixed blocks of 4,096 rows with their halo: a block
// made alone has the same bits. y: [n, d]; weight: [n], > 0; h = 0 copies. `trailing` uses only
// rows <= i.
[[nodiscard]] Matrix<float> smooth(const Matrix<float>& y, std::span<const float> weight, double h,
                                   bool trailing, const Work& work);

}  // namespace hsa
