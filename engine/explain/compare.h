#pragma once

#include "engine/core/work.h"
#include "engine/explain/flow.h"
#include "engine/model/factors.h"
#include "engine/model/hierarchy.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace hsa {

// How far the attention that is shown, A, is from the one it is compared with, B; means over rows.
struct RowAgreement {
    double row_kl = 0.0;    // KL(B | A), nats; A is taken as at least 1e-30
    double js = 0.0;        // Jensen-Shannon divergence, nats: 0..ln 2
    double cosine = 0.0;    // 0..1
    double spearman = 0.0;  // rank correlation, ties at their mean rank: -1..1
    double top8 = 0.0;      // share of B's 8 largest (ties: lower index) among A's 8 largest
};

// Of one row. Two rows of zeros, or two constant ones for the ranks, agree; one such row does not.
[[nodiscard]] RowAgreement row_agreement(std::span<const float> shown, std::span<const float> with);

struct LevelAgreement {
    std::string name;
    RowAgreement agreement;
};

// A token whose attention differs, from the one to the other.
struct CellDifference {
    std::uint32_t token = 0;
    double shown = 0.0, with = 0.0;
};

// A row that differs: what it gives more to than the other, and less, falling |difference|.
struct RowDifference {
    std::uint32_t row = 0;
    RowAgreement agreement;
    std::vector<CellDifference> more, less;  // 3 each
};

// Shares of a row's attention at one distance, means over rows.
struct DistanceDifference {
    DistanceBin bin;
    double shown = 0.0, with = 0.0;
};

struct Comparison {
    std::size_t rows = 0;  // looked at
    bool exact = false;    // all of them
    RowAgreement whole;
    std::vector<LevelAgreement> by_level;  // A_l of the levels compared, finest first
    Spread by_row;                         // row-KL of the rows
    std::vector<RowDifference> worst;      // 8 of the largest row-KL, falling, ties by lower row
    std::vector<DistanceDifference> by_distance;  // bins of flow.h
};

constexpr std::size_t kComparedRows = 64;

// Two sets of factors over the same tokens; levels are compared with those of the same name. Throws
// Error naming both counts when the tokens differ; Cancelled.
[[nodiscard]] Comparison compare(const Factors& shown, const Hierarchy& hierarchy,
                                 const Factors& with, const Hierarchy& with_hierarchy,
                                 const Work& work, std::size_t rows = kComparedRows);

// With any attention that can write its rows, [rows, n]: a target, a head. Every level's A_l is
// compared with the same rows.
using RowWriter = std::function<void(std::span<const std::uint32_t> rows, MatrixView<float> out)>;
[[nodiscard]] Comparison compare(const Factors& shown, const Hierarchy& hierarchy,
                                 const RowWriter& with, const Work& work,
                                 std::size_t rows = kComparedRows);

}  // namespace hsa
