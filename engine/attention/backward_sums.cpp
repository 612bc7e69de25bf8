#include "engine/attention/backward_sums.h"

#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <numeric>
#include <utility>

namespace hsa {
namespace {

void add_product(MatrixView<const double> a, MatrixView<const double> b, std::span<double> out) {
    auto product = Matrix<double>::unwritten(a.cols, b.cols);
    transposed_multiply(a, b, product.view());
    for (std::size_t e = 0; e < product.size(); ++e) out[e] += product.data()[e];
}

double dot(std::span<const double> a, std::span<const double> b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

Matrix<float> narrowed(const Matrix<double>& from) {
    auto made = Matrix<float>::unwritten(from.rows(), from.cols());
    for (std::size_t e = 0; e < from.size(); ++e)
        made.data()[e] = static_cast<float>(from.data()[e]);
    return made;
}

Matrix<float> centred_columns(MatrixView<const float> from) {
    const std::vector<double> sum = parallel_sum(
        from.rows, from.cols, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t i = begin; i < end; ++i)
                for (std::size_t c = 0; c < out.size(); ++c)
                    out[c] += static_cast<double>(from(i, c));
        });
    Matrix<float> made(from.rows, from.cols);
    for (std::size_t i = 0; i < from.rows; ++i)
        for (std::size_t c = 0; c < from.cols; ++c)
            made(i, c) = static_cast<float>(static_cast<double>(from(i, c)) -
                                            sum[c] / static_cast<double>(from.rows));
    return made;
}

// Some columns of rows [begin, end).
Matrix<float> gathered(const FactorMatrix& factor, std::span<const std::size_t> columns,
                       std::size_t begin, std::size_t end) {
    auto made = Matrix<float>::unwritten(end - begin, columns.size());
    parallel_blocks(end - begin, kChunkRows, [&](std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to; ++i) {
            const FactorRow row = factor.row(begin + i);
            for (std::size_t s = 0; s < columns.size(); ++s) made(i, s) = row[columns[s]];
        }
    });
    return made;
}

}  // namespace

Matrix<double> widened(MatrixView<const float> from) {
    auto wide = Matrix<double>::unwritten(from.rows, from.cols);
    for (std::size_t i = 0; i < from.rows; ++i)
        std::copy(from.row(i).begin(), from.row(i).end(), wide.row(i).begin());
    return wide;
}

BackwardSums::BackwardSums(const Factors& factors, MatrixView<const float> values,
                           MatrixView<const float> d_outputs, const Work& work, Backend* backend)
    : factors_(factors),
      values_(values),
      d_out_(d_outputs),
      work_(work),
      backend_(backend != nullptr && backend->has(RowPass::slopes) && !factors.p.packed() &&
                       !factors.k.packed()
                   ? backend
                   : nullptr),
      u_(factors.columns(), values.cols),
      b_(factors.columns(), values.cols),
      along_(factors.tokens()) {
    std::vector<double> drawn;
    if (!sum_up_on_card(drawn)) drawn = sum_up();
    for (std::size_t s = 0; s < drawn.size(); ++s) {
        both_.push_back(dot(u_.row(s), b_.row(s)));
        log_weight_.push_back(both_[s] - drawn[s]);
    }
}

std::vector<double> BackwardSums::sum_up() {
    const std::vector<double> u = sum_of(factors_.k, values_);
    std::copy(u.begin(), u.end(), u_.data());
    const std::vector<double> b = sum_of(factors_.p, d_out_);
    std::copy(b.begin(), b.end(), b_.data());
    return parallel_sum(
        factors_.tokens(), factors_.columns(),
        [&](std::size_t begin, std::size_t end, std::span<double> out) {
            work_.check();
            for_gradient_tiles(
                begin, end, [&](std::size_t first, std::size_t last) { draw(first, last, out); });
        });
}

bool BackwardSums::sum_up_on_card(std::vector<double>& drawn) {
    if (backend_ == nullptr || values_.cols == 0) return false;
    const std::size_t n = tokens();
    const FactorBlock p = factors_.p.block(0, n);
    const FactorBlock k = factors_.k.block(0, n);
    // What all values have in common changes no slope, and would take the digits of what differs.
    Matrix<float> centred = centred_columns(values_);
    if (!backend_->moments(k.view(), std::as_const(centred).view(), u_.view(), work_) ||
        !backend_->moments(p.view(), d_out_, b_.view(), work_))
        return false;
    Matrix<float> turned(u_.cols(), u_.rows());
    for (std::size_t s = 0; s < u_.rows(); ++s)
        for (std::size_t c = 0; c < u_.cols(); ++c) turned(c, s) = static_cast<float>(u_(s, c));
    auto o = Matrix<float>::unwritten(n, u_.cols());
    backend_->cells(p.view(), std::as_const(turned).view(), o.view(), {work_.stop, {}});
    Matrix<float> along(n, 1);
    for (std::size_t i = 0; i < n; ++i) {
        double r = 0.0;
        for (std::size_t c = 0; c < o.cols(); ++c)
            r += static_cast<double>(d_out_(i, c)) * static_cast<double>(o(i, c));
        along_[i] = r;
        along(i, 0) = static_cast<float>(r);
    }
    drawn.assign(u_.rows(), 0.0);
    if (!backend_->moments(p.view(), std::as_const(along).view(),
                           {drawn.data(), drawn.size(), 1, 1}, work_))
        return false;
    centred_ = std::move(centred);
    values_ = std::as_const(centred_).view();
    return true;
}

bool BackwardSums::slopes(const Columns& columns, MatrixView<const float> beside,
                          MatrixView<const float> lever, ByCard& out) const {
    if (backend_ == nullptr) return false;
    constexpr std::size_t kRowsAtOnce = 64 * kChunkRows;  // of gathered columns
    const std::size_t c = columns.index.size();
    const Matrix<float> u = narrowed(columns.u);
    const Matrix<float> b = narrowed(columns.b);
    std::vector<float> shift;
    for (const std::size_t at : columns.index)
        shift.push_back(static_cast<float>(log_weight_[at] - both_[at]));
    const std::vector<float> along(along_.begin(), along_.end());
    out.moments = Matrix<double>(c, beside.cols);
    out.pulled = Matrix<float>(tokens(), lever.rows);
    Matrix<double> some(c, beside.cols);
    for (std::size_t begin = 0; begin < tokens(); begin += kRowsAtOnce) {
        const std::size_t end = std::min(tokens(), begin + kRowsAtOnce);
        const Matrix<float> p = gathered(factors_.p, columns.index, begin, end);
        const Matrix<float> k = gathered(factors_.k, columns.index, begin, end);
        const SlopeRows rows{p.view(),
                             k.view(),
                             d_out_.block(begin, end),
                             values_.block(begin, end),
                             std::span(along).subspan(begin, end - begin),
                             u.view(),
                             b.view(),
                             shift};
        if (!backend_->slopes(
                rows,
                {beside.block(begin, end), some.view(), lever, out.pulled.view().block(begin, end)},
                work_))
            return false;
        for (std::size_t e = 0; e < some.size(); ++e) out.moments.data()[e] += some.data()[e];
    }
    return true;
}

// factor^T rows: [c, v] flat.
std::vector<double> BackwardSums::sum_of(const FactorMatrix& factor,
                                         MatrixView<const float> rows) const {
    return parallel_sum(factor.rows(), factor.cols() * rows.cols,
                        [&](std::size_t begin, std::size_t end, std::span<double> out) {
                            work_.check();
                            for_gradient_tiles(
                                begin, end, [&](std::size_t first, std::size_t last) {
                                    const FactorBlock held = factor.block(first, last);
                                    add_product(widened(held.view()).view(),
                                                widened(rows.block(first, last)).view(), out);
                                });
                        });
}

// r_i of tokens [first, last), and sum_i P(s|i) r_i added to `out`.
void BackwardSums::draw(std::size_t first, std::size_t last, std::span<double> out) {
    const FactorBlock held = factors_.p.block(first, last);
    const Matrix<double> p = widened(held.view());
    const Matrix<double> d_out = widened(d_out_.block(first, last));
    auto o = Matrix<double>::unwritten(last - first, u_.cols());
    multiply(p.view(), std::as_const(u_).view(), o.view());
    for (std::size_t i = 0; i < o.rows(); ++i) {
        const double r = dot(d_out.row(i), o.row(i));
        along_[first + i] = r;
        for (std::size_t s = 0; s < out.size(); ++s) out[s] += p(i, s) * r;
    }
}

BackwardSums::Columns BackwardSums::columns(std::vector<std::size_t> index) const {
    Columns some;
    some.u = Matrix<double>(index.size(), u_.cols());
    some.b = Matrix<double>(index.size(), u_.cols());
    for (std::size_t s = 0; s < index.size(); ++s) {
        std::copy_n(u_.row(index[s]).begin(), u_.cols(), some.u.row(s).begin());
        std::copy_n(b_.row(index[s]).begin(), b_.cols(), some.b.row(s).begin());
    }
    some.index = std::move(index);
    return some;
}

Matrix<double> BackwardSums::g(const Columns& columns, std::size_t begin, std::size_t end) const {
    const std::size_t k = columns.index.size();
    auto g = Matrix<double>::unwritten(end - begin, k);
    auto key = Matrix<double>::unwritten(end - begin, k);
    multiply_transposed(widened(d_out_.block(begin, end)).view(), columns.u.view(), g.view());
    multiply_transposed(widened(values_.block(begin, end)).view(), columns.b.view(), key.view());
    for (std::size_t i = 0; i < g.rows(); ++i)
        for (std::size_t s = 0; s < k; ++s) {
            const std::size_t at = columns.index[s];
            g(i, s) =
                static_cast<double>(factors_.p(begin + i, at)) * (g(i, s) - along_[begin + i]) +
                static_cast<double>(factors_.k(begin + i, at)) *
                    (log_weight_[at] + key(i, s) - both_[at]);
        }
    return g;
}

Matrix<float> BackwardSums::d_values() const {
    auto out = Matrix<float>::unwritten(tokens(), values_.cols);
    parallel_blocks(out.rows(), kGradientTile, [&](std::size_t begin, std::size_t end) {
        work_.check();
        auto rows = Matrix<double>::unwritten(end - begin, out.cols());
        const FactorBlock keys = factors_.k.block(begin, end);
        multiply(widened(keys.view()).view(), b_.view(), rows.view());
        for (std::size_t i = begin; i < end; ++i)
            for (std::size_t c = 0; c < out.cols(); ++c)
                out(i, c) = static_cast<float>(rows(i - begin, c));
    });
    return out;
}

}  // namespace hsa
