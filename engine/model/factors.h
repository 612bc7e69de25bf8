#pragma once

#include "engine/core/matrix.h"
#include "engine/core/range.h"
#include "engine/model/factor_matrix.h"
#include "engine/model/mark.h"
#include "engine/model/splat_registry.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace hsa {

// Rows of a causal A that share one K: A_ij = [j <= i] sum_s weight_is k_js.
struct CausalSegment {
    Range rows;
    std::shared_ptr<const FactorMatrix> k;  // [rows.end, c] K of the tokens before rows.end alone;
                                            // null: that of all tokens, Factors::k
};

// What causal rows need beside P (maths.md 2): A_ij = [j <= i] sum_s P(s|i) K(j|s; i), where
// K(j|s; i) is normalised over the tokens up to i: K(j|s) over its own sum up to i.
struct CausalFactors {
    FactorMatrix weight;  // [n, c] P(s|i) / sum_{j <= i} k_js, k of the row's segment
    // In order, covering all rows. One, unless K of all tokens has nothing left in single precision
    // of what some row attends to.
    std::vector<CausalSegment> segments;
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
    // Where a pair stands, or pairs() when it is none of them.
    [[nodiscard]] std::size_t find(std::size_t i, std::size_t j) const;
};

// Pairs whose attention is more than what the splats give: A = p K + D, D on these alone
// (attention/near_factors.h).
struct NearPairs {
    NearSet set;
    std::vector<float> exact;       // [pairs] what the exact scores give
    std::vector<float> correction;  // [pairs] D
    std::vector<float> far_scale;   // [n] s_i: p is s_i P(s|i)
    double offset = 0.0;            // of the absolute masses: the registry's, or solved
    bool replaces = true;           // the splats give these pairs nothing; false: both add up
};

// What keeping P and K in few bits did to A: its rows before and after, on sampled rows and
// columns.
struct PackingError {
    std::size_t rows = 0;
    double l1 = 0.0, most_l1 = 0.0;  // mean and largest sum_j |A_ij - A'_ij| of a row
    double kl = 0.0;                 // mean KL of a row to its packed one, nats
};

// A = P K in two factors (maths.md 2), token-major on both sides: `p` is P [n, c], `k` is K
// transposed [n, c]. Columns follow the registry's rows by rising id, the background, if there is
// one, last: c = splats + 1 or splats. Rows of `p` sum to 1 (0 where every key is masked), columns
// of `k` sum to 1.
struct Factors {
    FactorMatrix p;
    FactorMatrix k;
    std::vector<SplatId> ids;           // [c]; kNoSplat for the background
    std::vector<std::uint16_t> level;   // [c]; kBackgroundLevel for the background
    std::vector<double> log_weight;     // [c] ln w as used, mutes and solos included
    std::vector<double> log_mass;       // [c] c_s = LSE_j ell_s(j)
    std::vector<float> log_normaliser;  // [n] ln Z_i = LSE_s(ln w_s + ell_s(i) + c_s)
    // With attention.splats_per_token: the largest 2 (1 - kept) of a row, which bounds its L1
    // error.
    double row_bound = 0.0;
    std::vector<std::uint32_t> masked;  // tokens whose K is zero everywhere, rising
    // Set where row i attends to tokens 0 .. i alone: P is then the causal one, K and `log_mass`
    // stay those of all tokens, and A is made of `weight`.
    std::shared_ptr<const CausalFactors> causal;
    // Set where some pairs keep their exact scores: then `p` is scaled by row, rows of A sum to 1
    // with D.
    std::shared_ptr<const NearPairs> near;
    // What readings of A are beside the A that was asked for: approximate where the factors are
    // kept in few bits or estimated.
    Mark mark = Mark::exact;
    std::optional<PackingError> packing;

    [[nodiscard]] std::size_t tokens() const { return p.rows(); }
    [[nodiscard]] std::size_t columns() const { return ids.size(); }
    [[nodiscard]] bool has_background() const { return !ids.empty() && ids.back() == kNoSplat; }
    // A_ij = sum_s row_weights(i, s) keys(j, s) for all j, or for j <= i when causal.
    [[nodiscard]] const FactorMatrix& row_weights() const { return causal ? causal->weight : p; }
    [[nodiscard]] const FactorMatrix& keys_of_row(std::size_t i) const;
    // Rows with the same keys: all, or the segments of a causal A.
    [[nodiscard]] std::vector<CausalSegment> segments() const;
    [[nodiscard]] const FactorMatrix& keys_of(const CausalSegment& segment) const {
        return segment.k ? *segment.k : k;
    }
};

inline constexpr std::uint16_t kBackgroundLevel = 0xffffU;
// Of the part that a near pair's exact score has of a cell or block.
inline constexpr std::uint16_t kExactLevel = 0xfffdU;
inline constexpr SplatId kExactPairs = 0xfffffffeU;

// Tokens of one tile of the stored sums.
inline constexpr std::size_t kTileTokens = 64;

// Prefix sums of both factors at every 64th token, float64: row t holds the sum over tokens
// [0, 64 t); the last row is the sum over all n. Shape [ceil(n / 64) + 1, c].
struct TileSums {
    Matrix<double> p;  // of row_weights(); when causal less its last row, so that it ends at 0:
                       // early weights are large and would drown the late ones
    Matrix<double> k;
    // Causal only: the k of every segment but the last, and of each tile the sum over j <= i in it
    // of weight_is k_js [ceil(n / 64), c] (rulings.md "What the map shows" (b)).
    std::vector<Matrix<double>> segment_k;
    Matrix<double> diagonal;
    // Whose life says that factors and sums are still these: a card keeps what it was sent by it.
    std::shared_ptr<const void> owner;
};

}  // namespace hsa
