#include "bench/bench/peers/nystrom.h"

#include "bench/bench/peers/cells.h"
#include "engine/core/gather.h"
#include "engine/core/products.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace hsa_bench {
namespace {

using hsa::Matrix;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Matrix<double> doubled(const Matrix<float>& x) {
    Matrix<double> out(x.rows(), x.cols());
    std::copy_n(x.data(), x.size(), out.data());
    return out;
}

Eigen::Map<const RowMajor> eigen(const Matrix<double>& x) {
    return {x.data(), static_cast<Eigen::Index>(x.rows()), static_cast<Eigen::Index>(x.cols())};
}

Matrix<double> from_eigen(const RowMajor& x) {
    Matrix<double> out(static_cast<std::size_t>(x.rows()), static_cast<std::size_t>(x.cols()));
    std::copy_n(x.data(), out.size(), out.data());
    return out;
}

// softmax(a b^T) or exp(-|a - b|^2 / 2): the kernel with the factors of its rows and columns taken
// out, which keeps the inverse well conditioned.
Matrix<double> between(const Matrix<double>& a, const Matrix<double>& b, NystromForm form) {
    Matrix<double> out(a.rows(), b.rows());
    hsa::multiply_transposed(a.view(), b.view(), out.view());
    const auto half_square = [](std::span<const double> row) {
        double sum = 0.0;
        for (const double x : row) sum += 0.5 * x * x;
        return sum;
    };
    std::vector<double> of_column(b.rows());
    for (std::size_t j = 0; j < b.rows(); ++j) of_column[j] = half_square(b.row(j));
    for (std::size_t i = 0; i < out.rows(); ++i) {
        const std::span<double> row = out.row(i);
        if (form == NystromForm::kernel) {
            const double of_row = half_square(a.row(i));
            for (std::size_t j = 0; j < row.size(); ++j)
                row[j] = std::exp(row[j] - of_row - of_column[j]);
            continue;
        }
        const double most = *std::max_element(row.begin(), row.end());
        double sum = 0.0;
        for (double& x : row) sum += x = std::exp(x - most);
        for (double& x : row) x /= sum;
    }
    return out;
}

}  // namespace

Nystrom::Nystrom(const hsa::Head& head, std::span<const std::uint32_t> rows, std::size_t landmarks,
                 NystromForm form, std::uint64_t seed) {
    const Matrix<double> keys = doubled(*head.coordinates.base);
    const Matrix<double> queries = doubled(hsa::gather_rows(queries_of(head).view(), rows));
    const Matrix<double> of_keys = doubled(cells_of(*head.coordinates.base, landmarks, seed).mean);
    const Matrix<double> of_queries =
        head.coordinates.queries ? doubled(cells_of(queries_of(head), landmarks, seed).mean)
                                 : of_keys;
    const Matrix<double> core = between(of_queries, of_keys, form);
    const Eigen::BDCSVD<RowMajor> svd(eigen(core), Eigen::ComputeThinU | Eigen::ComputeThinV);
    singular_.assign(svd.singularValues().data(),
                     svd.singularValues().data() + svd.singularValues().size());
    left_ = from_eigen(eigen(between(queries, of_keys, form)) * svd.matrixV());
    RowMajor right = svd.matrixU().transpose() * eigen(between(of_queries, keys, form));
    if (form == NystromForm::kernel) {
        const Eigen::RowVectorXd half_square =
            0.5 * eigen(keys).rowwise().squaredNorm().transpose();
        right.array().rowwise() *= (half_square.array() - half_square.maxCoeff()).exp();
    }
    right_ = from_eigen(right);
}

Matrix<float> Nystrom::rows(double ridge) const {
    const double least = ridge * singular_.front();
    Matrix<double> left = left_;
    for (std::size_t i = 0; i < left.rows(); ++i)
        for (std::size_t s = 0; s < left.cols(); ++s) {
            const double square = singular_[s] * singular_[s] + least * least;
            left(i, s) *= square > 0.0 ? singular_[s] / square : 0.0;
        }
    Matrix<double> a(left.rows(), right_.cols());
    hsa::multiply(std::as_const(left).view(), right_.view(), a.view());
    Matrix<float> out(a.rows(), a.cols());
    for (std::size_t i = 0; i < a.rows(); ++i) {
        double sum = 0.0;
        for (const double x : a.row(i)) sum += x;
        for (std::size_t j = 0; j < a.cols(); ++j)
            out(i, j) = static_cast<float>(sum > std::numeric_limits<double>::min()
                                               ? a(i, j) / sum
                                               : 1.0 / static_cast<double>(a.cols()));
    }
    return out;
}

Matrix<float> positive_rows(const Matrix<float>& rows, double floor) {
    Matrix<float> out = rows;
    const auto n = static_cast<double>(rows.cols());
    for (std::size_t i = 0; i < out.rows(); ++i) {
        double sum = 0.0;
        for (const float x : out.row(i)) sum += std::max(0.0, static_cast<double>(x));
        for (float& x : out.row(i))
            x = static_cast<float>((1.0 - floor) * std::max(0.0, static_cast<double>(x)) / sum +
                                   floor / n);
    }
    return out;
}

}  // namespace hsa_bench
