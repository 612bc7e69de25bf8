#pragma once

#include "engine/core/range.h"
#include "engine/core/work.h"
#include "engine/model/factors.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace hsa {

class Backend;

// Rows of a factor on one side of a picture, with the sums over the tokens before its tiles.
struct PixelRows {
    const FactorMatrix* factor = nullptr;
    const Matrix<double>* prefix = nullptr;
    const std::vector<std::size_t>* edges = nullptr;  // of the pixels
    Range within;                                     // tokens that count
};

// out = the products of the means over pixels on both sides, in the given columns of the factors,
// where a card has the factors: false, and nothing is written, where it has not. `owner` is that of
// the TileSums.
[[nodiscard]] bool rectangles_on_card(Backend* backend, const std::shared_ptr<const void>& owner,
                                      const PixelRows& down, const PixelRows& across,
                                      const std::vector<std::size_t>& columns,
                                      MatrixView<float> out, const Work& work);

}  // namespace hsa
