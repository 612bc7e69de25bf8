#pragma once

#include "engine/attention/target.h"
#include "engine/core/range.h"
#include "engine/model/factors.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// Which pairs a row keeps exactly (rulings.md "Near set"); all zero: none.
struct NearOptions {
    std::size_t window = 0;       // |i - j| <= window, itself included; 0 = none
    std::size_t near = 0;         // the tokens of the row's so many best splats ...
    std::size_t near_limit = 64;  // ... at most so many of each
    std::size_t anchors = 0;      // columns that every row keeps
    bool causal = false;          // only pairs j <= i, near and far
    bool operator==(const NearOptions&) const = default;

    // Whether A is anything but P K.
    [[nodiscard]] bool any() const { return window > 0 || near > 0 || anchors > 0 || causal; }
};

// Pairs by rows: the columns of row r are columns[begins[r]] .. columns[begins[r + 1] - 1], rising.
struct NearSet {
    std::vector<std::size_t> begins;  // [rows + 1]
    std::vector<std::uint32_t> columns;

    [[nodiscard]] std::size_t rows() const { return begins.empty() ? 0 : begins.size() - 1; }
    [[nodiscard]] std::size_t pairs() const { return columns.size(); }
    [[nodiscard]] std::span<const std::uint32_t> row(std::size_t r) const {
        return std::span(columns).subspan(begins[r], begins[r + 1] - begins[r]);
    }
    // Which pairs of row r lie in a range of columns.
    [[nodiscard]] Range pairs_of(std::size_t r, Range within) const;
};

// Rows that stand for all where all are too many: one drawn from each of 64 equal stretches, all of
// them where n <= 64. Rising, the same for one n.
[[nodiscard]] std::vector<std::uint32_t> sampled_rows(std::size_t tokens);

// The `count` columns of the largest sum over sampled_rows() of the target; rising, ties to the
// lower. O(64 n d).
[[nodiscard]] std::vector<std::uint32_t> heaviest_columns(const Target& target, std::size_t count);

// The near sets of `rows` (rising, one a row of factors.p; empty: row r is token r): the window,
// the anchors, and the tokens of the options.near splats of the finest level with the largest P. A
// token belongs to the splat of that level with the largest K (ties: lower row), and to none where
// single precision left nothing of any. Of a splat's tokens those of largest K are taken, among
// those that the row sees. `factors` are those of A = P K before any causal step.
// O(n k + rows (window + anchors + near x near_limit)), the same for any number of threads.
[[nodiscard]] NearSet near_set(const Factors& factors, std::span<const std::uint32_t> rows,
                               const NearOptions& options, std::span<const std::uint32_t> anchors);

}  // namespace hsa
