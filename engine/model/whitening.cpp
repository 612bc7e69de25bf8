#include "engine/model/whitening.h"

#include "engine/core/error.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/SVD>

#include <algorithm>
#include <cmath>

namespace hsa {
namespace {

using Square = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr int kPowerSteps = 12;

Eigen::Index index(std::size_t value) { return static_cast<Eigen::Index>(value); }

// The largest eigenvalue of m m^T, by power steps: good to a few per cent, which a bound needs.
double largest_square(const Square& m) {
    Eigen::VectorXd v(m.rows());
    for (Eigen::Index a = 0; a < v.size(); ++a) v(a) = 1.0 + 0.37 * static_cast<double>(a % 5);
    double length = 0.0;
    for (int step = 0; step < kPowerSteps; ++step) {
        v.normalize();
        v = m * (m.transpose() * v).eval();
        length = v.norm();
        if (!(length > 0.0) || !std::isfinite(length)) break;
    }
    return length;
}

}  // namespace

Whitening::Whitening(const CovarianceView& covariance)
    : kind_(covariance.kind), dimension_(covariance.dimension()) {
    if (!covariance.fits())
        fault("a {} covariance of {} dimensions with {} further numbers", name_of(kind_),
              dimension_, covariance.shape.size());
    if (kind_ == CovarianceKind::full) {
        factorise_full(covariance);
        return;
    }
    for (const float v : covariance.variance) {
        if (!(v > 0.0F)) fail("A covariance has the variance {}; it must be positive.", v);
        rate_.push_back(1.0 / std::sqrt(static_cast<double>(v)));
        log_determinant_ += std::log(static_cast<double>(v));
    }
    if (kind_ == CovarianceKind::lowrank) factorise_lowrank(covariance);
}

void Whitening::factorise_lowrank(const CovarianceView& covariance) {
    const std::size_t rank = covariance.rank();
    Eigen::MatrixXd z(index(dimension_), index(rank));
    for (std::size_t a = 0; a < dimension_; ++a)
        for (std::size_t r = 0; r < rank; ++r)
            z(index(a), index(r)) = rate_[a] * static_cast<double>(covariance.shape[a * rank + r]);
    if (!z.allFinite()) fail("A covariance has a factor that is not finite.");
    const Eigen::JacobiSVD<Eigen::MatrixXd> parts(z, Eigen::ComputeThinU);
    for (Eigen::Index r = 0; r < parts.singularValues().size(); ++r) {
        const double s = parts.singularValues()(r);
        if (!(s > 0.0)) break;  // they fall
        const double grown = std::sqrt(1.0 + s * s);
        shrink_.push_back(1.0 - 1.0 / grown);
        log_determinant_ += 2.0 * std::log(grown);
        gain_ = std::max(gain_, grown);
        std::vector<double> axis(dimension_);
        for (std::size_t a = 0; a < dimension_; ++a) axis[a] = parts.matrixU()(index(a), r);
        axes_.append_row(axis);
    }
}

void Whitening::factorise_full(const CovarianceView& covariance) {
    const Matrix<double> sigma = dense_covariance(covariance);
    const Eigen::Map<const Square> dense(sigma.data(), index(dimension_), index(dimension_));
    const Eigen::LLT<Square> factor(dense);
    if (dimension_ > 0 && factor.info() != Eigen::Success)
        fail("A covariance of {} x {} is not positive definite.", dimension_, dimension_);
    const Square lower = factor.matrixL();
    const Square inverse =
        factor.matrixL().solve(Square::Identity(index(dimension_), index(dimension_)));
    root_ = Matrix<double>(dimension_, dimension_);
    std::copy_n(inverse.data(), root_.size(), root_.data());
    log_determinant_ = 2.0 * lower.diagonal().array().log().sum();
    if (dimension_ > 1)
        gain_ = std::max(1.0, std::sqrt(largest_square(lower) * largest_square(inverse)));
}

void Whitening::apply(std::span<const double> delta, std::span<double> t) const {
    if (delta.size() != dimension_ || t.size() != dimension_)
        fault("a whitening of {} dimensions was given {}", dimension_, delta.size());
    if (kind_ == CovarianceKind::full) {
        for (std::size_t b = 0; b < dimension_; ++b) {
            t[b] = 0.0;
            for (std::size_t a = 0; a <= b; ++a) t[b] += root_(b, a) * delta[a];
        }
        return;
    }
    for (std::size_t a = 0; a < dimension_; ++a) t[a] = rate_[a] * delta[a];
    // The axes are orthonormal: each can be shrunk after the other.
    for (std::size_t r = 0; r < shrink_.size(); ++r) {
        double along = 0.0;
        for (std::size_t a = 0; a < dimension_; ++a) along += axes_(r, a) * t[a];
        along *= shrink_[r];
        for (std::size_t a = 0; a < dimension_; ++a) t[a] -= along * axes_(r, a);
    }
}

double Whitening::squared(std::span<const double> delta) const {
    std::vector<double> t(dimension_);
    apply(delta, t);
    double sum = 0.0;
    for (const double value : t) sum += value * value;
    return sum;
}

// W^T W delta.
std::vector<double> Whitening::precision_times(std::span<const double> delta) const {
    std::vector<double> t(dimension_);
    apply(delta, t);
    std::vector<double> out(dimension_, 0.0);
    if (kind_ == CovarianceKind::full) {
        for (std::size_t b = 0; b < dimension_; ++b)
            for (std::size_t a = 0; a <= b; ++a) out[a] += root_(b, a) * t[b];
        return out;
    }
    for (std::size_t r = 0; r < shrink_.size(); ++r) {
        double along = 0.0;
        for (std::size_t a = 0; a < dimension_; ++a) along += axes_(r, a) * t[a];
        along *= shrink_[r];
        for (std::size_t a = 0; a < dimension_; ++a) t[a] -= along * axes_(r, a);
    }
    for (std::size_t a = 0; a < dimension_; ++a) out[a] = rate_[a] * t[a];
    return out;
}

}  // namespace hsa
