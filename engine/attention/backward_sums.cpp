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

}  // namespace

Matrix<double> widened(MatrixView<const float> from) {
    auto wide = Matrix<double>::unwritten(from.rows, from.cols);
    for (std::size_t i = 0; i < from.rows; ++i)
        std::copy(from.row(i).begin(), from.row(i).end(), wide.row(i).begin());
    return wide;
}

BackwardSums::BackwardSums(const Factors& factors, MatrixView<const float> values,
                           MatrixView<const float> d_outputs, const Work& work)
    : factors_(factors),
      values_(values),
      d_out_(d_outputs),
      work_(work),
      u_(factors.columns(), values.cols),
      b_(factors.columns(), values.cols),
      along_(factors.tokens()) {
    const std::vector<double> u = sum_of(factors.k, values);
    std::copy(u.begin(), u.end(), u_.data());
    const std::vector<double> b = sum_of(factors.p, d_outputs);
    std::copy(b.begin(), b.end(), b_.data());
    const std::vector<double> drawn = parallel_sum(
        factors.tokens(), factors.columns(),
        [&](std::size_t begin, std::size_t end, std::span<double> out) {
            work.check();
            for_gradient_tiles(
                begin, end, [&](std::size_t first, std::size_t last) { draw(first, last, out); });
        });
    for (std::size_t s = 0; s < drawn.size(); ++s) {
        both_.push_back(dot(u_.row(s), b_.row(s)));
        log_weight_.push_back(both_[s] - drawn[s]);
    }
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
