#include "engine/fit/core_equations.h"

#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <utility>
#include <vector>

namespace hsa {
namespace {

constexpr std::size_t kMostNumbers = std::size_t{1} << 24U;
constexpr std::size_t kFewestRows = 16;
constexpr std::size_t kMostRows = 256;

using Dense = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Map<const Dense> eigen(const Matrix<double>& x) {
    return {x.data(), static_cast<Eigen::Index>(x.rows()), static_cast<Eigen::Index>(x.cols())};
}

Matrix<double> from_eigen(const Dense& x) {
    Matrix<double> out = Matrix<double>::unwritten(static_cast<std::size_t>(x.rows()),
                                                   static_cast<std::size_t>(x.cols()));
    std::copy_n(x.data(), out.size(), out.data());
    return out;
}

// x^T x of a factor's rows, the products in float64.
Matrix<double> squares(const FactorMatrix& x) {
    const std::size_t c = x.cols();
    const std::vector<double> sums = parallel_sum(
        x.rows(), c * c, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            const FactorBlock block = x.block(begin, end);
            Matrix<double> rows = Matrix<double>::unwritten(end - begin, c);
            for (std::size_t i = 0; i < rows.rows(); ++i)
                std::copy_n(block.view().row(i).begin(), c, rows.row(i).begin());
            transposed_multiply(std::as_const(rows).view(), std::as_const(rows).view(),
                                MatrixView<double>(out.data(), c, c));
        });
    Matrix<double> out = Matrix<double>::unwritten(c, c);
    std::copy(sums.begin(), sums.end(), out.data());
    return out;
}

// T[rows, :] x for x [n, cols] that block(begin, end) gives some rows of.
template <class Block>
Matrix<double> products(const Target& target, std::span<const std::uint32_t> rows, std::size_t cols,
                        Block&& block, const Work& work) {
    const std::size_t n = target.size();
    const std::size_t at_once =
        std::clamp(kMostNumbers / std::max<std::size_t>(n, 1), kFewestRows, kMostRows);
    Matrix<double> out = Matrix<double>::unwritten(rows.size(), cols);
    for (std::size_t first = 0; first < rows.size(); first += at_once) {
        work.check();
        const std::size_t count = std::min(at_once, rows.size() - first);
        Matrix<float> t = Matrix<float>::unwritten(count, n);
        target.rows(rows.subspan(first, count), t.view());
        const std::vector<double> sums = parallel_sum(
            n, count * cols, [&](std::size_t begin, std::size_t end, std::span<double> to) {
                const FactorBlock x = block(begin, end);
                Matrix<float> part(count, cols);
                multiply(MatrixView<const float>(t.data() + begin, count, end - begin, n), x.view(),
                         part.view());
                for (std::size_t e = 0; e < part.size(); ++e)
                    to[e] += static_cast<double>(part.data()[e]);
            });
        std::copy(sums.begin(), sums.end(), out.row(first).begin());
        work.report("signed core",
                    static_cast<double>(first + count) / static_cast<double>(rows.size()));
    }
    return out;
}

// What lies along 1 taken out of every row: x J.
void centre_rows(Dense& x) { x.colwise() -= x.rowwise().mean(); }

}  // namespace

Matrix<double> target_outputs(const Target& target, std::span<const std::uint32_t> rows,
                              MatrixView<const float> values, const Work& work) {
    return products(
        target, rows, values.cols,
        [&](std::size_t begin, std::size_t end) { return FactorBlock(values.block(begin, end)); },
        work);
}

CoreSums core_sums(const Factors& factors, const Target& target,
                   std::span<const std::uint32_t> rows, const Work& work) {
    Matrix<float> p = Matrix<float>::unwritten(rows.size(), factors.columns());
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const FactorRow row = factors.p.row(rows[r]);
        std::copy_n(row.begin(), p.cols(), p.row(r).begin());
    }
    const Matrix<double> tk = products(
        target, rows, factors.columns(),
        [&](std::size_t begin, std::size_t end) { return factors.k.block(begin, end); }, work);
    Matrix<double> wide = Matrix<double>::unwritten(p.rows(), p.cols());
    std::copy_n(p.data(), p.size(), wide.data());
    CoreSums sums;
    sums.cross = Matrix<double>(p.cols(), p.cols());
    transposed_multiply(std::as_const(wide).view(), tk.view(), sums.cross.view());
    sums.queries = squares(std::move(p));
    sums.keys = squares(factors.k);
    return sums;
}

CoreEquations::CoreEquations(const CoreSums& sums) {
    const auto g = eigen(sums.queries);
    Dense right_hand = eigen(sums.cross) - g * eigen(sums.keys);
    centre_rows(right_hand);
    Dense h = eigen(sums.keys);
    centre_rows(h);
    h.transposeInPlace();
    centre_rows(h);
    const Eigen::SelfAdjointEigenSolver<Dense> of_queries(g);
    const Eigen::SelfAdjointEigenSolver<Dense> of_keys(h);
    const Eigen::VectorXd along_g = of_queries.eigenvalues().cwiseMax(0.0);
    const Eigen::VectorXd along_h = of_keys.eigenvalues().cwiseMax(0.0);
    left_ = from_eigen(of_queries.eigenvectors());
    right_ = from_eigen(of_keys.eigenvectors());
    wanted_ =
        from_eigen(of_queries.eigenvectors().transpose() * right_hand * of_keys.eigenvectors());
    scale_ = from_eigen(along_g * along_h.transpose());
}

double CoreEquations::largest() const {
    return *std::max_element(scale_.data(), scale_.data() + scale_.size());
}

Matrix<double> CoreEquations::solve(double ridge) const {
    const auto size = static_cast<Eigen::Index>(scale_.rows());
    if (!(largest() > 0.0)) return from_eigen(Dense::Identity(size, size));
    const Dense shrunk = eigen(wanted_).array() / (eigen(scale_).array() + ridge);
    Dense e = eigen(left_) * shrunk * eigen(right_).transpose();
    centre_rows(e);
    e.diagonal().array() += 1.0;
    return from_eigen(e);
}

}  // namespace hsa
