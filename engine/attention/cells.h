#pragma once

#include "engine/core/range.h"
#include "engine/model/factors.h"
#include "engine/model/selection.h"
#include "engine/model/settings.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

class Backend;

// What one splat adds to a cell or block: value = p * k; the parts of a cell sum to it exactly.
struct Part {
    SplatId splat = kNoSplat;  // kNoSplat: the background
    std::uint16_t level = 0;
    double p = 0.0;  // P(s|i), or its mean over the rows
    double k = 0.0;  // K(j|s), or its mean over the columns; causal: K over the tokens up to i, or
                     // what the splat gives the block's cells, a share of p
    double value = 0.0;
};

struct CellParts {
    double value = 0.0;
    std::vector<Part> parts;  // falling value, ties by lower id, background among them
};

// A_ij and its parts. Throws Error when i or j is not below n.
[[nodiscard]] CellParts cell_parts(const Factors& factors, std::size_t i, std::size_t j);
// The mean of A over the block and its parts, exact for any block (never snapped to tiles).
[[nodiscard]] CellParts block_parts(const Factors& factors, const TileSums& sums,
                                    const Block& block);

// Rows of A: out [rows, n], finished as `settings` says (attention/finish.h).
void attention_rows(const Factors& factors, std::span<const std::uint32_t> rows,
                    const AttentionSettings& settings, MatrixView<float> out);
// Column j of A before row top-k and threshold: [n].
[[nodiscard]] std::vector<float> attention_column(const Factors& factors, std::size_t j);
// Mean row of A over tokens (sorted ranges): [n]; what the selection attends to, on average.
[[nodiscard]] std::vector<float> mean_row(const Factors& factors, std::span<const Range> tokens);
// Mean column over tokens: [n]; attention that goes to the selection.
[[nodiscard]] std::vector<float> mean_column(const Factors& factors, std::span<const Range> tokens);

// The dense part [rows, columns] of A, row by row through `write` (so that a file can be streamed).
// Throws Error with the size it would have when it is over 2^28 cells.
[[nodiscard]] Matrix<float> attention_block(const Factors& factors, const Block& block,
                                            const AttentionSettings& settings);

// O = A V without A: values [n, v] -> [n, v] (maths.md 2); of causal factors by the card of
// `backend`, where it has one.
[[nodiscard]] Matrix<float> attend(const Factors& factors, MatrixView<const float> values,
                                   Backend* backend = nullptr);

}  // namespace hsa
