#pragma once

#include "engine/core/matrix.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// Splats in the form that a card takes: W of each (model/whitening.h), with the root of beta / 2 T.
struct CardForms {
    std::size_t splats = 0;
    std::size_t dimension = 0;
    std::vector<float> centre;  // [k, d]
    bool mixed = false;         // some covariance mixes axes
    std::vector<float> rate;    // not mixed: [k, d]; ell = -|rate o (x - centre)|^2
    // Mixed, in float64: ell = -half_s |t|^2. A splat's numbers begin at place[0]. Full (place[1] =
    // 1): the rows of W, lower triangle of [d, d]. Others: 1 / root of the variances [d], then of
    // each of place[2] axes 1 - (1 - shrink)^2 and the axis [d].
    std::vector<double> form;
    std::vector<std::array<std::uint32_t, 4>> place;  // [k]
    std::vector<double> half;                         // [k]
};

// Something that lies on a card: CardForms, or rows.
class OnCard {
  public:
    virtual ~OnCard() = default;
};

// Splats with the rows that ask them, on a card; without forms what is the same everywhere: ell =
// 0.
struct CardQueries {
    const CardForms* forms = nullptr;
    const OnCard* splats = nullptr;
    const OnCard* x = nullptr;
    std::span<const float> shift;  // [k]
};

// What Card::joined_means() writes of k splats.
struct CardMeans {
    std::span<float> most;    // [k] the largest ell + log row weight
    std::span<double> sum;    // [k] of exp(ell + log row weight - most)
    MatrixView<float> means;  // [k, v] of the values by these
};

// Rows of factors on a card, held against a target on columns [begin, begin + columns) of all.
struct CardComparison {
    const OnCard* weight = nullptr;     // [r, c]
    const OnCard* keys = nullptr;       // [w, c]; null: K is the ell as it is there
    const OnCard* target = nullptr;     // [r, w]
    std::span<const float> background;  // [r] of one cell, or empty
    std::span<const std::size_t> seen;  // [r] of these columns, or empty
    std::size_t rows = 0;
    std::size_t splats = 0;
    std::size_t columns = 0;
    bool times_log = false;          // RatioForm
    const OnCard* share = nullptr;   // [r, c]; null: no moments
    const OnCard* beside = nullptr;  // [w, q]
    std::size_t besides = 0;         // q
    bool goes_on = false;            // sums of products and moments go on from the call before
    std::span<double> divergence;    // [r], added to
    MatrixView<double> product;      // [r, c], or empty
    MatrixView<double> moments;      // [c, q], or empty
};

// RowPasses::past_outputs() of a block of whole chunks of kPastRows rows (the last may be short).
struct CardPast {
    const OnCard* weight = nullptr;  // [r, c]
    const OnCard* keys = nullptr;    // [r, c]
    const OnCard* values = nullptr;  // [r, v]
    std::size_t rows = 0;
    std::size_t splats = 0;
    std::size_t columns = 0;  // v
    bool goes_on = false;     // what was before the block is there from the call before
    MatrixView<float> out;    // [r, v], or empty: it is summed up alone
};

// Sums over columns of exp(q_i . k_j), each row's relative to the largest score of its own.
struct CardTotals {
    const OnCard* queries = nullptr;  // [r, d]
    const OnCard* keys = nullptr;     // [m, d]
    std::size_t rows = 0;
    std::size_t columns = 0;  // m
    std::size_t dimension = 0;
    std::span<const std::size_t> seen;  // [r] of these columns, or empty
};

// RowPasses::slopes() of a block of rows.
struct CardSlopes {
    const OnCard* p = nullptr;          // [r, c]
    const OnCard* k = nullptr;          // [r, c]
    const OnCard* d_outputs = nullptr;  // [r, v]
    const OnCard* values = nullptr;     // [r, v]
    const OnCard* u = nullptr;          // [c, v]
    const OnCard* b = nullptr;          // [c, v]
    const OnCard* beside = nullptr;     // [r, q]
    const OnCard* lever = nullptr;      // [e, c]
    std::span<const float> along;       // [r]
    std::span<const float> shift;       // [c]
    std::size_t rows = 0;
    std::size_t columns = 0;  // v
    bool goes_on = false;     // moments go on from the call before
    MatrixView<double> moments;
    MatrixView<float> pulled;
};

}  // namespace hsa
