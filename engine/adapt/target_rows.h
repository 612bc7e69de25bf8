#pragma once

#include "engine/attention/target.h"
#include "engine/core/matrix.h"
#include "engine/core/range.h"
#include "engine/core/work.h"

#include <cstdint>
#include <vector>

namespace hsa {

// A few rows of a target over all columns: held when they fit, made piece by piece when not. The
// target must outlive them.
class TargetRows {
  public:
    // Their normalisers by the card of `backend`, where it has one. Throws Cancelled.
    TargetRows(const Target& target, std::vector<std::uint32_t> rows, const Work& work,
               Backend* backend = nullptr);

    [[nodiscard]] const std::vector<std::uint32_t>& rows() const { return rows_; }
    // T[rows, columns): a view of what is held, or of `scratch` filled with it.
    [[nodiscard]] MatrixView<const float> piece(Range columns, Matrix<float>& scratch) const;
    // The same where columns count the tokens that the target does not mask.
    [[nodiscard]] MatrixView<const float> visible_piece(Range columns,
                                                        Matrix<float>& scratch) const;
    [[nodiscard]] bool causal() const { return target_->causal(); }
    [[nodiscard]] const std::vector<std::uint32_t>& masked() const { return target_->masked(); }
    // Mean KL(T | uniform over what the row sees) over the rows that see something, in nats: the
    // reference of lambda (adaptation.md).
    [[nodiscard]] double reference() const { return reference_; }

  private:
    const Target* target_;
    std::vector<std::uint32_t> rows_;
    std::vector<std::uint32_t> visible_;  // empty: all
    Matrix<float> held_;
    std::vector<double> log_normaliser_;
    double reference_ = 0.0;
};

}  // namespace hsa
