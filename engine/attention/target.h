#pragma once

#include "engine/core/matrix.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/dataset.h"
#include "engine/model/settings.h"

#include <cstdint>
#include <memory>
#include <span>

namespace hsa {

// The attention to be matched: softmax over j of score(i, j), on sampled rows, never n x n (rulings.md
// "Shapes and scores"). Form token: target.scale * y_i . y_j with y the rows of Y0 scaled to |y|^2 = d'.
class Target {
  public:
    // rows [n, d'] as described; scale > 0.
    Target(Matrix<float> rows, double scale);
    // A target read from a file: [n, n] rows that sum to 1.
    explicit Target(Matrix<float> attention);

    [[nodiscard]] std::size_t size() const;
    // T[rows, :]: out [m, n], every row sums to 1.
    void rows(std::span<const std::uint32_t> rows, MatrixView<float> out) const;
    // T[rows, columns] renormalised over the columns with the given log weights (empty: none): [m, c].
    void sampled_rows(std::span<const std::uint32_t> rows, std::span<const std::uint32_t> columns,
                      std::span<const float> log_column_weight, MatrixView<float> out) const;

  private:
    Matrix<float> scores_;     // [n, d'] or empty
    Matrix<float> attention_;  // [n, n] or empty
    double scale_ = 1.0;
};

// The target of the settings, or nothing with target.source none.
[[nodiscard]] std::shared_ptr<const Target> make_target(const Dataset& dataset,
                                                        const Coordinates& coordinates,
                                                        const TargetSettings& settings);

}  // namespace hsa
