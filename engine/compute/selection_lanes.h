#pragma once

#include "engine/core/matrix.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// Inner loops of Backend::best_splats and of product cells (attention/product_cells.h), for the
// widest instructions of the machine. Each serves one thread.

// Codes of a group of axes, and axes of a group.
inline constexpr std::size_t kCellCodes = 16;
inline constexpr std::size_t kCellAxes = 4;
// Splats whose parts lie side by side in a table: a slice of all tables fits the nearest cache.
inline constexpr std::size_t kCellSlice = 128;
// Rows of floats are filled up with zeros to a multiple of this.
inline constexpr std::size_t kRowFloats = 16;

// The nearest of kCellCodes centres [kCellCodes, kCellAxes] of a group at `tokens` tokens, the
// first where two are as near: code [tokens]. x: kCellAxes rows of `stride` floats; half_square:
// [kCellCodes] |centre|^2 / 2. Tokens up to the next multiple of kRowFloats are read and written.
void nearest_codes(const float* x, std::size_t stride, const float* centres,
                   const float* half_square, std::size_t tokens, std::uint32_t* code);

// totals[s] = base[s] + sum_g tables[slice of s][offset of g][place of s in it], held at 255.
struct CellTables {
    const std::uint8_t* tables = nullptr;  // [slices, groups, kCellCodes, kCellSlice]
    const std::uint8_t* base = nullptr;    // [slices, kCellSlice]
    std::size_t slices = 0;
    std::size_t groups = 0;
};
// For `tokens` tokens: offset [tokens, groups] of a cell's parts in a slice, (g kCellCodes + code)
// kCellSlice; totals [tokens, total_stride].
void add_cell_parts(const CellTables& cells, const std::uint32_t* offset, std::size_t tokens,
                    std::uint8_t* totals, std::size_t total_stride);

// Memory of one thread for scores or totals of up to `count` splats.
struct SelectionScratch {
    std::vector<std::uint8_t> bits;
    std::vector<std::uint32_t> places;

    explicit SelectionScratch(std::size_t count);
};

// A bound for each row of totals (a whole number of kCellSlice) that at least `wanted` of them are
// below: just above the wanted least of the 128 minima over slices, so that hardly more are. At
// most 255, where it may be fewer.
void least_bounds(MatrixView<const std::uint8_t> totals, std::size_t wanted,
                  std::span<std::uint8_t> bounds);
// The places, rising, of the totals below a bound: out has room for 4 more. Returns how many.
std::size_t places_below(std::span<const std::uint8_t> totals, std::uint8_t bound,
                         SelectionScratch& scratch, std::uint32_t* out);

// Spherical or diagonal splats; rows are filled up with zeros.
struct CellKernels {
    const float* centre = nullptr;  // [k, stride]
    const float* rate = nullptr;    // [k, stride], null: spherical
    const float* scale = nullptr;   // [k]
    const float* shift = nullptr;   // [k]
    std::size_t stride = 0;
    float least = 0.0F;
};
// ell = -sum_a (rate_a (x_a - centre_a))^2, or -scale sum_a (x_a - centre_a)^2, at least `least`,
// and score = ell + shift of `some` splats at one token x [stride]. ell has room for 3 more.
void score_some(const CellKernels& splats, const float* x, std::span<const std::uint32_t> some,
                float* ell, float* score);

// out = a + b.
void add_elements(std::span<const float> a, std::span<const float> b, std::span<float> out);

// Scores are followed by -infinity up to a whole number of these.
inline constexpr std::size_t kScoreWord = 64;
// The places, rising, of the out.size() largest scores, ties to the lower; no score is NaN, and
// there are at least so many.
void largest_scores(std::span<const float> scores, SelectionScratch& scratch,
                    std::span<std::uint32_t> out);

}  // namespace hsa
