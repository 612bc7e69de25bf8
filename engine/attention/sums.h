#pragma once

#include "engine/core/range.h"
#include "engine/core/work.h"
#include "engine/model/factors.h"

#include <cstddef>
#include <functional>
#include <span>

namespace hsa {

// Adds rows [begin, end) of a factor to out [c], in order.
void add_rows(const FactorMatrix& factor, std::size_t begin, std::size_t end,
              std::span<double> out);

// Sums over the tokens before every 64th one: [ceil(n / 64) + 1, c] ...
[[nodiscard]] Matrix<double> prefix_sums(const FactorMatrix& factor, const Work& work = {});
// ... and less the sum of all, added from the end: digits are those of the late rows.
[[nodiscard]] Matrix<double> suffix_sums(const FactorMatrix& factor, const Work& work = {});

// Sums over the chunks (core/parallel.h) before each, and over all: [chunks + 1, width]. `add` adds
// the rows of one chunk to `out`, as for parallel_sum.
[[nodiscard]] Matrix<double> chunk_prefixes(
    std::size_t rows, std::size_t width,
    const std::function<void(std::size_t begin, std::size_t end, std::span<double> out)>& add);

// U = K V of keys [n, c] and values [n, v]: [c, v]; float32 inside a chunk of tokens, float64 over
// chunks.
[[nodiscard]] Matrix<double> values_of_columns(const FactorMatrix& keys,
                                               MatrixView<const float> values);

// Sums of a factor's rows over any range of tokens, float64: whole tiles from the prefix sums, the
// tokens at both ends from the factor itself, so that weak cells keep their digits (maths.md 7).
// out: [c].
void range_sum(const FactorMatrix& factor, const Matrix<double>& prefix, Range tokens,
               std::span<double> out);

}  // namespace hsa
