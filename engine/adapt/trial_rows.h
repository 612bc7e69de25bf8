#pragma once

#include "engine/adapt/gradient.h"
#include "engine/adapt/level_pool.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// Some splats on the rows of a trial, beside everything else of their level: shares of each row
// that sum to 1 with `rest`, and keys on all columns.
struct Mixture {
    Matrix<float> p;          // [r, s]
    Matrix<float> weight;     // [r, s] what cells are made of where causal (past.h); else empty
    std::vector<float> rest;  // [r]
    LevelKeys keys;           // of the s splats

    [[nodiscard]] const Matrix<float>& weights() const { return weight.empty() ? p : weight; }
};

// Rows drawn for a trial, with the level's attention split in what the trial may change and what
// stays frozen, so that a step costs the new splats only.
class TrialRows {
  public:
    // `touched` are the columns of the level that the proposal replaces.
    TrialRows(const CycleContext& context, const Pool& pool, const LevelPool& level,
              std::span<const std::size_t> touched, std::vector<DrawnRow> drawn);

    // The touched splats as they are.
    [[nodiscard]] const Mixture& as_is() const { return as_is_; }
    // Other splats in their place (none: what is left is renormalised).
    [[nodiscard]] Mixture mix(const CycleContext& context, const LevelSplats& splats) const;

    // KL(T_i | A_i) of each row with this mixture.
    [[nodiscard]] std::vector<double> divergences(const Mixture& mixture) const;
    // Their weighted mean.
    [[nodiscard]] double loss(const Mixture& mixture) const;
    [[nodiscard]] LevelGradient gradient(const CycleContext& context,
                                         const LevelSplats& splats) const;

    [[nodiscard]] RowChange change(std::span<const double> before,
                                   std::span<const double> after) const {
        return weighted_change(drawn_, before, after);
    }

    // Columns by falling posterior mass through the mixture's splats, at most `count`.
    [[nodiscard]] std::vector<std::size_t> strongest_columns(const Mixture& mixture,
                                                             std::size_t count) const;

  private:
    // A of these rows on columns [begin, begin + out.cols).
    void attention(const Mixture& mixture, std::size_t begin, MatrixView<float> out) const;
    [[nodiscard]] Matrix<float> weighted(const Matrix<float>& p) const;

    std::size_t level_;
    std::size_t draws_ = 0;
    std::vector<DrawnRow> drawn_;
    std::vector<std::size_t> seen_;  // columns that each row sees where causal; else empty
    MatrixView<const float> x_columns_;
    Matrix<float> x_;               // [r, d]
    Matrix<float> target_;          // [r, m]
    Matrix<float> frozen_;          // [r, m] the attention of everything else, rows sum to 1
    std::vector<double> log_rest_;  // [r] ln of its unnormalised mass
    Mixture as_is_;
};

}  // namespace hsa
