#pragma once

#include "engine/attention/picture.h"
#include "engine/core/range.h"
#include "engine/model/factors.h"
#include "engine/model/selection.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// What near pairs add to the product of the factors, D of A = p K + D, in every reading of A. None
// does anything where factors.near is null; the same bits for any number of threads.

// Rows of p K become rows of A: out [rows, n].
void add_near(const Factors& factors, std::span<const std::uint32_t> rows, MatrixView<float> out);
// The mean of D over rows in `tokens` (sorted ranges): out [n] += it; and over columns.
void add_near_rows(const Factors& factors, std::span<const Range> tokens, std::span<float> out);
void add_near_columns(const Factors& factors, std::span<const Range> tokens, std::span<float> out);
// out [n, v] += D values.
void add_near_outputs(const Factors& factors, MatrixView<const float> values,
                      MatrixView<float> out);

// Means over a block of what the exact pairs give, and of what each column of the factors would say
// of these pairs if they were no exact ones (nothing where both add up): [c]. O(pairs in it x c).
struct NearBlock {
    double exact = 0.0;
    std::vector<double> said;
};
[[nodiscard]] NearBlock near_block(const Factors& factors, const Block& block);

// Pairs up to which a picture takes all of them.
inline constexpr std::size_t kMostPicturePairs = std::size_t{1} << 26U;

// Adds the mean of D to each pixel of a picture of the given columns; of some columns alone it
// takes away what they say of exact pairs. Above kMostPicturePairs pairs of 4 rows a pixel row
// stand for all, and the picture is marked approximate (rulings.md "What the map shows" (c)).
void add_near_picture(const Factors& factors, const std::vector<std::size_t>& columns,
                      Picture& picture, const Work& work);

}  // namespace hsa
