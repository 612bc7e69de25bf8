#pragma once

#include "engine/core/matrix.h"
#include "engine/core/range.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/dataset.h"
#include "engine/model/settings.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace hsa {

class Backend;

// The attention to be matched: softmax over j of score(i, j), on sampled rows, never n x n
// (rulings.md "Shapes and scores"); causal: over j <= i, zero beyond; not over `masked` tokens
// (rising), which are zero. A causal row that sees none is zero. Of tokens: target.scale * y_i
// . y_j with y the rows of Y0 scaled to |y|^2 = d'. Of a head: q_i . k_j, queries and keys already
// scaled.
class Target {
  public:
    // rows [n, d'] that ask and are asked; scale > 0. Throws Error when a number is not finite.
    Target(Matrix<float> rows, double scale, bool causal = false,
           std::vector<std::uint32_t> masked = {});
    // queries and keys [n, d'].
    Target(Matrix<float> queries, Matrix<float> keys, double scale, bool causal = false,
           std::vector<std::uint32_t> masked = {});
    // A target read from a file: [n, n], every row non-negative with a sum of 1 (to 1e-3; divided
    // by it here). causal, masked: what lies after the row's token and what is masked is left out,
    // the rest divided by its sum. Throws Error naming the row and column that break this.
    explicit Target(Matrix<float> attention, bool causal = false,
                    std::vector<std::uint32_t> masked = {});

    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] bool causal() const { return causal_; }
    [[nodiscard]] const std::vector<std::uint32_t>& masked() const { return masked_; }
    // score(i, j), the sum in float64, masked or not; of a target from a file ln T_ij.
    [[nodiscard]] float score(std::size_t i, std::size_t j) const;
    // T[rows, :]: out [m, n], every row sums to 1 (or 0, see above).
    void rows(std::span<const std::uint32_t> rows, MatrixView<float> out) const;
    // T[rows, columns] renormalised over the columns (rising) with the given log weights (empty:
    // none): [m, c]. A row that sees none of them is zero.
    void sampled_rows(std::span<const std::uint32_t> rows, std::span<const std::uint32_t> columns,
                      std::span<const float> log_column_weight, MatrixView<float> out) const;

    // For rows too long to hold: ln of each row's normaliser, [m], float64 over fixed chunks. Stops
    // between chunks, and says how far it is; by the card of `backend`, where it has one that does
    // that ...
    [[nodiscard]] std::vector<double> log_normalisers(std::span<const std::uint32_t> rows,
                                                      const Work& work = {},
                                                      Backend* backend = nullptr) const;
    // ... and with them T[rows, columns) piece by piece: out [m, columns.size()].
    void block(std::span<const std::uint32_t> rows, std::span<const double> log_normalisers,
               Range columns, MatrixView<float> out) const;

  private:
    // Columns that a row sees: the first so many.
    [[nodiscard]] std::size_t seen(std::size_t row) const { return causal_ ? row + 1 : size(); }
    // -infinity in the masked ones of `columns`.
    void hide(Range columns, MatrixView<float> scores) const;
    void scores(MatrixView<const float> queries, Range columns, MatrixView<float> out) const;
    [[nodiscard]] bool totals_on_card(Backend& backend, std::span<const std::uint32_t> rows,
                                      const Matrix<float>& queries, std::span<double> out,
                                      const Work& work) const;
    [[nodiscard]] Matrix<float> queries(std::span<const std::uint32_t> rows) const;

    Matrix<float> keys_;       // [n, d'] or empty
    Matrix<float> queries_;    // [n, d'], or empty where the keys ask
    Matrix<float> attention_;  // [n, n] or empty
    double scale_ = 1.0;
    bool causal_ = false;
    std::vector<std::uint32_t> masked_;  // rising
};

// The target of the settings' scores, or nothing with target.source none. With target.source file
// the caller reads the file and makes the Target; throws Error (fault) when asked to.
[[nodiscard]] std::shared_ptr<const Target> make_target(const Dataset& dataset,
                                                        const Coordinates& coordinates,
                                                        const TargetSettings& settings,
                                                        bool causal = false);

}  // namespace hsa
