#pragma once

#include "engine/attention/picture.h"
#include "engine/core/range.h"
#include "engine/core/work.h"
#include "engine/model/factors.h"
#include "engine/model/mark.h"
#include "engine/model/selection.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hsa {

// What makes a block of A strong: its mean, times uniform attention (1 / n); over the mean that
// rows would give it which attend alike to all tokens up to their own where A is causal, to all
// tokens where it is not; or over what its rows and columns have otherwise: mean x mean of all
// blocks / (mean of its rows x mean of its columns).
enum class StrengthBy : std::uint8_t { value, uniform, lift };

// Blocks of a grid of at most kStrongestGrid x kStrongestGrid over a part of the map.
inline constexpr std::size_t kStrongestGrid = 32;
struct StrongestWanted {
    Range rows, columns;
    std::size_t most = 12;
    StrengthBy by = StrengthBy::value;
    // At least so many blocks, less one, lie between a block and the diagonal; 0 = it may lie on
    // it.
    std::size_t apart = 2;
    PicturePart part = {};
    bool operator==(const StrongestWanted&) const = default;
};

struct StrongBlock {
    Block block;
    double mean = 0.0;      // of A over the block (of `part`), exact
    double strength = 0.0;  // by which it was chosen
};
struct StrongestBlocks {
    StrongestWanted wanted;
    std::vector<StrongBlock> blocks;  // falling strength, ties by lower row, then column
    Mark mark = Mark::exact;
};

// The strongest blocks of the grid, no two of which touch: each in turn is the strongest that
// touches none before it. Of A before row steps. Edges of the grid are those of a picture
// (multiples of 64 from 256 tokens a block on). Throws a fault for ranges that are empty or
// outside.
[[nodiscard]] StrongestBlocks strongest_blocks(const Factors& factors, const TileSums& sums,
                                               const StrongestWanted& wanted, const Work& work);

// Mean over rows [rows) and columns [columns) of the attention of rows that attend alike to all
// tokens up to their own: [j <= i] / (i + 1).
[[nodiscard]] double uniform_causal_mean(const Range& rows, const Range& columns);

}  // namespace hsa
