#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace hsa {

// Inner loops of select_splats, for the widest instructions of the machine. Each serves one thread.

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

// totals[s] = base[s] + sum_g tables[slice of s][row[g * row_stride]][s in its slice], held at 255:
// tables [slices, rows, kCellSlice], base and totals [slices, kCellSlice].
struct CellTables {
    const std::uint8_t* tables = nullptr;
    const std::uint8_t* base = nullptr;
    std::size_t slices = 0;
    std::size_t groups = 0;  // rows = groups * kCellCodes
};
// For `tokens` tokens one beside the other: row [groups, row_stride], totals [tokens,
// total_stride].
void add_cell_parts(const CellTables& cells, const std::uint32_t* row, std::size_t row_stride,
                    std::size_t tokens, std::uint8_t* totals, std::size_t total_stride);

// The indices, rising, of at least `wanted` smallest of totals (a whole number of kCellSlice), and
// of those equal to the last of them; never of one that is 255, and at most `out.size()`. Returns
// how many there are.
std::size_t least_totals(std::span<const std::uint8_t> totals, std::size_t wanted,
                         std::span<std::uint32_t> out);

// ell[c] = -sum_a (rate_a (x_a - centre_a))^2 of the splats `some`: x [stride], centre and rate
// [k, stride]; all filled up with zeros. rate null: 1 everywhere, times scale[s] at the end.
struct CellKernels {
    const float* centre = nullptr;
    const float* rate = nullptr;
    const float* scale = nullptr;
    std::size_t stride = 0;
};
void log_kernels_of_some(const CellKernels& splats, const float* x,
                         std::span<const std::uint32_t> some, float* ell);

// The places, rising, of the out.size() largest scores, ties to the lower; no score is NaN, and
// there are at least so many.
void largest_scores(std::span<const float> scores, std::span<std::uint32_t> out);

}  // namespace hsa
