#include "engine/adapt/target_rows.h"

#include "engine/attention/divergence.h"
#include "engine/core/parallel.h"
#include "engine/core/work_part.h"
#include "engine/model/key_mask.h"

#include <algorithm>

namespace hsa {
namespace {

constexpr std::size_t kHeldCells = std::size_t{1} << 24U;
constexpr std::size_t kPiece = 16 * kChunkRows;
constexpr const char* kStep = "reading the target";
constexpr double kNormalised = 0.5;  // share of the time that goes into the normalisers

}  // namespace

TargetRows::TargetRows(const Target& target, std::vector<std::uint32_t> rows, const Work& work,
                       Backend* backend)
    : target_(&target), rows_(std::move(rows)) {
    const std::size_t n = target_->size();
    if (rows_.empty() || n == 0) return;
    if (!masked().empty()) visible_ = visible_tokens(masked(), n);
    const std::size_t keys = n - masked().size();
    if (rows_.size() * n <= kHeldCells) {
        held_ = Matrix<float>(rows_.size(), n);
        target_->rows(rows_, held_.view());
    } else {
        log_normaliser_ =
            target_->log_normalisers(rows_, part_of(work, kStep, 0.0, kNormalised), backend);
    }
    const Work rest = part_of(work, kStep, held_.empty() ? kNormalised : 0.0, 1.0);
    Matrix<float> scratch;
    for (std::size_t begin = 0; begin < n; begin += kPiece) {
        rest.check();
        rest.report(kStep, static_cast<double>(begin) / static_cast<double>(n));
        const MatrixView<const float> t = piece({begin, std::min(n, begin + kPiece)}, scratch);
        reference_ +=
            parallel_sum(t.cols, 1, [&](std::size_t from, std::size_t to, std::span<double> out) {
                std::vector<float> uniform(to - from, 1.0F / static_cast<float>(keys));
                for (std::size_t r = 0; r < t.rows; ++r) {
                    if (target_->causal()) {
                        const std::size_t past = rows_[r] + std::size_t{1};
                        const std::size_t own = past - masked_before(masked(), past);
                        if (own == 0) continue;
                        std::fill(uniform.begin(), uniform.end(), 1.0F / static_cast<float>(own));
                    }
                    out[0] += divergence(t.row(r).subspan(from, to - from), uniform);
                }
            })[0];
    }
    const std::size_t without = target_->causal() ? rows_without_keys(masked()) : 0;
    const auto counted = static_cast<double>(std::max<std::ptrdiff_t>(
        1, std::count_if(rows_.begin(), rows_.end(),
                         [&](std::uint32_t row) { return row >= without; })));
    reference_ = std::max(0.0, reference_ / counted);
}

MatrixView<const float> TargetRows::piece(Range columns, Matrix<float>& scratch) const {
    if (!held_.empty())
        return {held_.data() + columns.begin, held_.rows(), columns.size(), held_.cols()};
    if (scratch.rows() != rows_.size() || scratch.cols() != columns.size())
        scratch = Matrix<float>(rows_.size(), columns.size());
    target_->block(rows_, log_normaliser_, columns, scratch.view());
    return scratch.view();
}

MatrixView<const float> TargetRows::visible_piece(Range columns, Matrix<float>& scratch) const {
    if (visible_.empty() || columns.empty()) return piece(columns, scratch);
    const Range tokens{visible_[columns.begin], visible_[columns.end - 1] + std::size_t{1}};
    Matrix<float> whole;
    const MatrixView<const float> from = piece(tokens, whole);
    if (scratch.rows() != rows_.size() || scratch.cols() != columns.size())
        scratch = Matrix<float>(rows_.size(), columns.size());
    for (std::size_t r = 0; r < rows_.size(); ++r)
        for (std::size_t c = 0; c < columns.size(); ++c)
            scratch(r, c) = from(r, visible_[columns.begin + c] - tokens.begin);
    return scratch.view();
}

}  // namespace hsa
