#include "engine/attention/shape_sums.h"

#include "engine/core/error.h"
#include "engine/core/products.h"

#include <algorithm>

namespace hsa {
namespace {

double dot(std::span<const double> a, std::span<const double> b) {
    double sum = 0.0;
    for (std::size_t e = 0; e < a.size(); ++e) sum += a[e] * b[e];
    return sum;
}

void add_to(std::span<double> out, const Matrix<double>& product) {
    for (std::size_t e = 0; e < product.size(); ++e) out[e] += product.data()[e];
}

}  // namespace

ShapeSums::ShapeSums(const CovarianceView& covariance, std::span<const double> centre, double scale)
    : whitening_(covariance),
      centre_(centre.begin(), centre.end()),
      variance_(covariance.variance.begin(), covariance.variance.end()),
      scale_(scale) {
    if (covariance.kind != CovarianceKind::lowrank && covariance.kind != CovarianceKind::full)
        fault("a {} covariance has no shape", name_of(covariance.kind));
    if (covariance.kind == CovarianceKind::full) return;
    factor_ = Matrix<double>(centre.size(), covariance.rank());
    std::copy(covariance.shape.begin(), covariance.shape.end(), factor_.data());
}

std::size_t ShapeSums::width() const {
    const std::size_t d = centre_.size();
    return whitening_.kind() == CovarianceKind::full ? 1 + d + d * d
                                                     : 1 + 2 * d + d * factor_.cols();
}

// Sigma^-1 delta = rate o (z - sum_r back_r axis_r (axis_r . z)), z = rate o delta: twice the
// shrinking of whitening.h, back = 1 - (1 - shrink)^2.
void ShapeSums::lowrank_rows(MatrixView<const double> delta, MatrixView<double> y) const {
    const std::vector<double>& rate = whitening_.rate();
    const std::size_t rank = whitening_.shrink().size();
    for (std::size_t i = 0; i < delta.rows; ++i)
        for (std::size_t a = 0; a < delta.cols; ++a) y(i, a) = rate[a] * delta(i, a);
    if (rank > 0) {
        Matrix<double> along(delta.rows, rank);
        multiply_transposed(MatrixView<const double>(y), whitening_.axes().view(), along.view());
        for (std::size_t i = 0; i < delta.rows; ++i)
            for (std::size_t r = 0; r < rank; ++r) {
                const double keep = 1.0 - whitening_.shrink()[r];
                along(i, r) *= 1.0 - keep * keep;
            }
        Matrix<double> back(delta.rows, delta.cols);
        multiply(std::as_const(along).view(), whitening_.axes().view(), back.view());
        for (std::size_t i = 0; i < delta.rows; ++i)
            for (std::size_t a = 0; a < delta.cols; ++a) y(i, a) -= back(i, a);
    }
    for (std::size_t i = 0; i < delta.rows; ++i)
        for (std::size_t a = 0; a < delta.cols; ++a) y(i, a) *= rate[a];
}

void ShapeSums::add(std::span<const double> g, MatrixView<const double> x, std::span<double> out,
                    MatrixView<double> dx) const {
    const std::size_t d = centre_.size();
    const bool full = whitening_.kind() == CovarianceKind::full;
    Matrix<double> delta(x.rows, d);
    for (std::size_t i = 0; i < x.rows; ++i)
        for (std::size_t a = 0; a < d; ++a) delta(i, a) = x(i, a) - centre_[a];
    // t = L^-1 delta of a full splat, Sigma^-1 delta of a lowrank one.
    Matrix<double> t(x.rows, d);
    if (full) multiply_transposed(std::as_const(delta).view(), whitening_.root().view(), t.view());
    else lowrank_rows(std::as_const(delta).view(), t.view());
    Matrix<double> weighed(x.rows, d);
    for (std::size_t i = 0; i < x.rows; ++i) {
        out[0] += g[i] * dot(t.row(i), full ? t.row(i) : delta.row(i));
        for (std::size_t a = 0; a < d; ++a) {
            weighed(i, a) = g[i] * t(i, a);
            out[1 + a] += weighed(i, a);
            if (!full) out[1 + d + a] += weighed(i, a) * t(i, a);
        }
    }
    if (full) {
        Matrix<double> product(d, d);
        transposed_multiply(std::as_const(weighed).view(), std::as_const(t).view(), product.view());
        add_to(out.subspan(1 + d), product);
    } else {
        Matrix<double> onto(x.rows, factor_.cols());
        multiply(std::as_const(t).view(), factor_.view(), onto.view());
        Matrix<double> product(d, factor_.cols());
        transposed_multiply(std::as_const(weighed).view(), std::as_const(onto).view(),
                            product.view());
        add_to(out.subspan(1 + 2 * d), product);
    }
    if (dx.rows == 0) return;
    if (full) multiply(std::as_const(weighed).view(), whitening_.root().view(), t.view());
    const Matrix<double>& step = full ? t : weighed;
    for (std::size_t i = 0; i < x.rows; ++i)
        for (std::size_t a = 0; a < d; ++a) dx(i, a) -= scale_ * step(i, a);
}

ShapeSlopes ShapeSums::to_parameters(std::span<const double> sums) const {
    ShapeSlopes slopes =
        whitening_.kind() == CovarianceKind::full ? full_slopes(sums) : lowrank_slopes(sums);
    slopes.log_beta = -0.5 * scale_ * sums[0];
    return slopes;
}

// dmu = scale sum g y; dD = scale/2 sum g y^2; dF = scale sum g y y^T F.
ShapeSlopes ShapeSums::lowrank_slopes(std::span<const double> sums) const {
    const std::size_t d = centre_.size();
    ShapeSlopes slopes;
    slopes.centre.resize(d);
    slopes.covariance.resize(d + factor_.size());
    for (std::size_t a = 0; a < d; ++a) {
        slopes.centre[a] = scale_ * sums[1 + a];
        slopes.covariance[a] = 0.5 * scale_ * variance_[a] * sums[1 + d + a];
    }
    for (std::size_t e = 0; e < factor_.size(); ++e)
        slopes.covariance[d + e] = scale_ * sums[1 + 2 * d + e];
    return slopes;
}

// With N = sum g t t^T: dmu = scale L^-T sum g t and dL = the lower part of scale L^-T N.
ShapeSlopes ShapeSums::full_slopes(std::span<const double> sums) const {
    const std::size_t d = centre_.size();
    const Matrix<double>& root = whitening_.root();
    ShapeSlopes slopes;
    slopes.centre.assign(d, 0.0);
    for (std::size_t b = 0; b < d; ++b)
        for (std::size_t a = 0; a <= b; ++a) slopes.centre[a] += scale_ * root(b, a) * sums[1 + b];
    Matrix<double> lower(d, d);
    transposed_multiply(root.view(), {sums.data() + 1 + d, d, d}, lower.view());
    for (std::size_t a = 0; a < d; ++a)
        slopes.covariance.push_back(scale_ * lower(a, a) / root(a, a));
    for (std::size_t b = 0; b < d; ++b)
        for (std::size_t a = 0; a < b; ++a) slopes.covariance.push_back(scale_ * lower(b, a));
    return slopes;
}

}  // namespace hsa
