#pragma once

#include "engine/adapt/target_rows.h"
#include "engine/compute/backend.h"
#include "engine/core/matrix.h"
#include "engine/core/work.h"
#include "engine/model/splat_registry.h"

#include <memory>
#include <span>
#include <vector>

namespace hsa {

// The splats of one level (or a few of them) as adaptation works on them: columns to step and bind.
struct LevelSplats {
    std::size_t level = 0;
    std::vector<SplatId> id;                // [k]
    Matrix<float> centre;                   // [k, d]
    std::vector<CovarianceKind> kind;       // [k]
    Matrix<float> variance;                 // [k, d]
    std::vector<std::vector<float>> shape;  // [k] (model/covariance.h)
    std::vector<float> beta;                // [k]
    std::vector<float> log_weight;  // [k] log amplitude: the level's share cancels within the level

    [[nodiscard]] CovarianceView covariance(std::size_t splat) const {
        return {kind[splat], variance.row(splat), shape[splat]};
    }
    [[nodiscard]] bool spherical() const;  // all of them

    [[nodiscard]] std::size_t size() const { return id.size(); }
};
[[nodiscard]] LevelSplats level_splats(const SplatRegistry& registry, std::size_t level);
[[nodiscard]] LevelSplats level_splats(std::span<const Splat> splats);
// As a backend takes them: views into `splats`.
[[nodiscard]] SplatColumns columns_of(const LevelSplats& splats, double temperature);
[[nodiscard]] std::shared_ptr<const BoundSplats> bind(Backend& backend, const LevelSplats& splats,
                                                      double temperature);

// ln w_bg + ln n, n the tokens that are not masked: the background's logit against ln alpha + ell +
// c_s within any one level: it takes part in A_l with ln w_bg + ln W_l, and ln W_l is common to all
// (rulings.md "Background"). -infinity without a background.
[[nodiscard]] double background_logit(const SplatRegistry& registry, std::size_t tokens);

// The key side of A_l = P_l K_l on m columns.
struct LevelKeys {
    Matrix<float> k;               // [m, k] K transposed: every column sums to 1
    std::vector<double> log_mass;  // [k] c_s, the weight of the columns included
};
// x [m, d]; column_log_weight = ln(tokens a column stands for).
[[nodiscard]] LevelKeys level_keys(Backend& backend, const BoundSplats& splats,
                                   MatrixView<const float> x, double column_log_weight);

// What cells of some rows are made of: A = weight K + background / m on the columns a row sees.
struct LevelRows {
    MatrixView<const float> weight;          // [r, k]
    std::span<const float> background;       // [r]
    std::span<const std::size_t> seen = {};  // [r] columns that a row sees, or empty: all (past.h)
};

// The query side on r rows: p and the background's share sum to 1 a row.
struct LevelQueries {
    Matrix<float> p;                     // [r, k]
    std::vector<float> background;       // [r]
    std::vector<double> log_normaliser;  // [r] ln of the sum of exp(logits)
    // Causal (past.h); else empty, and cells are made of p and the background's share.
    Matrix<float> weight;                  // [r, k]
    std::vector<float> background_weight;  // [r]
    std::vector<std::size_t> seen;         // [r]

    [[nodiscard]] const Matrix<float>& weights() const { return seen.empty() ? p : weight; }
    [[nodiscard]] LevelRows rows(std::size_t begin, std::size_t end) const;
    [[nodiscard]] LevelRows rows() const { return rows(0, p.rows()); }
};
[[nodiscard]] LevelQueries level_queries(Backend& backend, const BoundSplats& splats,
                                         std::span<const float> log_weight,
                                         std::span<const double> log_mass, double background_logit,
                                         MatrixView<const float> x);

// The same where row r sees the first seen[r] of the keys' columns alone (empty: all).
[[nodiscard]] LevelQueries level_queries(Backend& backend, const BoundSplats& splats,
                                         std::span<const float> log_weight, const LevelKeys& keys,
                                         double background_logit, MatrixView<const float> x,
                                         std::vector<std::size_t> seen);

// A_l[rows, columns [begin, begin + out.cols)]: out [rows, w].
void level_block(const LevelKeys& keys, const LevelRows& rows, std::size_t begin,
                 MatrixView<float> out);

// KL(T_i | A_l,i) of each row, in nats: t [r, m] over the columns of `keys`.
[[nodiscard]] std::vector<double> row_divergence(const LevelKeys& keys, const LevelQueries& queries,
                                                 MatrixView<const float> t);

// The same over all n columns whatever n is, less those that the target masks: x [n, d] is the
// level's block of coordinates. Causal where the target is.
[[nodiscard]] std::vector<double> full_row_divergence(Backend& backend, const LevelSplats& splats,
                                                      double temperature, double background_logit,
                                                      MatrixView<const float> x,
                                                      const TargetRows& target, const Work& work);

[[nodiscard]] double mean(std::span<const double> values);

}  // namespace hsa
