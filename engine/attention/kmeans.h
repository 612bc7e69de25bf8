#pragma once

#include "engine/core/matrix.h"
#include "engine/core/work.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// Cells of tokens: a label for each row, 0 .. count - 1, every label used.
struct Places {
    std::vector<std::uint32_t> label;
    std::size_t count = 0;
};

// Rows that the centres of one level are found on (defaults.md 5).
inline constexpr std::size_t kSampleRows = 20000;

// Weighted k-means (k-means++ start, 15 rounds on at most `most_rows` random rows, then all rows
// assigned). rows: indices into y [n, d]; weight [n] > 0. At most `k` cells, fewer where fewer rows
// differ. An empty cell takes the row that is worst served. Same seed, same bits. Labels are
// [rows].
[[nodiscard]] Places weighted_kmeans(const Matrix<float>& y, std::span<const float> weight,
                                     std::span<const std::uint32_t> rows, std::size_t k,
                                     std::uint64_t seed, const Work& work,
                                     std::size_t most_rows = kSampleRows);

// Every row of y to the nearest of the centres [c, d].
[[nodiscard]] Places nearest_places(const Matrix<float>& y, const Matrix<float>& centres,
                                    const Work& work);

}  // namespace hsa
