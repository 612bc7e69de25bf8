#include "engine/adapt/moments.h"

#include "engine/core/error.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <utility>

namespace hsa {
namespace {

using Square = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Relative conditioning of covariances that the program makes (maths.md 7).
constexpr double kWorstRatio = 100.0;

Eigen::Index index(std::size_t value) { return static_cast<Eigen::Index>(value); }

Eigen::Map<const Square> matrix(const Matrix<double>& m) {
    return {m.data(), index(m.rows()), index(m.cols())};
}
Eigen::Map<Square> matrix(Matrix<double>& m) {
    return {m.data(), index(m.rows()), index(m.cols())};
}

Eigen::Map<const Eigen::VectorXd> vector(std::span<const double> v) {
    return {v.data(), index(v.size())};
}

Eigen::LLT<Square> factorise(const Matrix<double>& covariance) {
    Eigen::LLT<Square> factor(matrix(covariance));
    if (factor.info() != Eigen::Success)
        fail("A covariance of {} x {} is not positive definite.", covariance.rows(),
             covariance.cols());
    return factor;
}

double log_determinant(const Eigen::LLT<Square>& factor) {
    return 2.0 * factor.matrixLLT().diagonal().array().log().sum();
}

void check_same_dimension(const FullGaussian& a, const FullGaussian& b) {
    if (a.centre.size() != b.centre.size())
        fault("Gaussians of {} and {} dimensions", a.centre.size(), b.centre.size());
}

}  // namespace

std::pair<FullGaussian, FullGaussian> split(const FullGaussian& gaussian, double a,
                                            std::span<const double> direction) {
    if (!(a > 0.0 && a < 1.0))
        fail("A split with an offset of {} was asked for; it must be in (0, 1).", a);
    const Eigen::LLT<Square> factor = factorise(gaussian.covariance);
    Eigen::VectorXd u;
    if (direction.empty()) {
        const Eigen::SelfAdjointEigenSolver<Square> solver(matrix(gaussian.covariance));
        u = solver.eigenvectors().col(index(gaussian.centre.size()) - 1);
        Eigen::Index largest = 0;
        u.cwiseAbs().maxCoeff(&largest);
        if (u(largest) < 0.0) u = -u;
    } else {
        if (direction.size() != gaussian.centre.size())
            fault("a direction of {} in {} dimensions", direction.size(), gaussian.centre.size());
        u = vector(direction);
        const double length = u.norm();
        if (!(length > 0.0) || !std::isfinite(length))
            fail("A split along a direction of length {} was asked for; it must be positive.",
                 length);
        u /= length;
    }
    // The largest lambda for which Sigma - a^2 lambda u u^T stays positive definite for every a
    // < 1.
    const double lambda = 1.0 / u.dot(factor.solve(u));
    const Eigen::VectorXd offset = a * std::sqrt(lambda) * u;
    std::pair<FullGaussian, FullGaussian> halves{gaussian, gaussian};
    matrix(halves.first.covariance) -= offset * offset.transpose();
    halves.second.covariance = halves.first.covariance;
    for (std::size_t c = 0; c < gaussian.centre.size(); ++c) {
        halves.first.centre[c] += offset(index(c));
        halves.second.centre[c] -= offset(index(c));
    }
    return halves;
}

FullGaussian merge(const FullGaussian& a, const FullGaussian& b, double p_a) {
    check_same_dimension(a, b);
    if (!(p_a >= 0.0 && p_a <= 1.0))
        fail("A merge with a share of {} was asked for; it must be in [0, 1].", p_a);
    const double p_b = 1.0 - p_a;
    FullGaussian merged = a;
    const Eigen::VectorXd mean = p_a * vector(a.centre) + p_b * vector(b.centre);
    const Eigen::VectorXd from_a = vector(a.centre) - mean;
    const Eigen::VectorXd from_b = vector(b.centre) - mean;
    matrix(merged.covariance) = p_a * (matrix(a.covariance) + from_a * from_a.transpose()) +
                                p_b * (matrix(b.covariance) + from_b * from_b.transpose());
    for (std::size_t c = 0; c < merged.centre.size(); ++c) merged.centre[c] = mean(index(c));
    return merged;
}

Bhattacharyya bhattacharyya(const FullGaussian& a, const FullGaussian& b) {
    check_same_dimension(a, b);
    Matrix<double> middle = a.covariance;
    matrix(middle) = 0.5 * (matrix(a.covariance) + matrix(b.covariance));
    const Eigen::LLT<Square> factor = factorise(middle);
    const Eigen::VectorXd apart = vector(a.centre) - vector(b.centre);
    Bhattacharyya result;
    result.distance =
        0.125 * apart.dot(factor.solve(apart)) +
        0.5 * (log_determinant(factor) - 0.5 * (log_determinant(factorise(a.covariance)) +
                                                log_determinant(factorise(b.covariance))));
    result.coefficient = std::exp(-result.distance);
    return result;
}

FullGaussian kernel_gaussian(const Splat& splat) {
    const std::size_t d = splat.centre.size();
    FullGaussian gaussian;
    gaussian.centre.assign(splat.centre.begin(), splat.centre.end());
    gaussian.covariance = dense_covariance(splat.covariance());
    for (std::size_t c = 0; c < d * d; ++c)
        gaussian.covariance.data()[c] /= static_cast<double>(splat.beta);
    return gaussian;
}

void restrict_to_kind(const FullGaussian& gaussian, Splat& splat) {
    const std::size_t d = gaussian.centre.size();
    const auto beta = static_cast<double>(splat.beta);
    splat.centre.resize(d);
    for (std::size_t c = 0; c < d; ++c) splat.centre[c] = static_cast<float>(gaussian.centre[c]);
    if (splat.kind == CovarianceKind::lowrank || splat.kind == CovarianceKind::full) {
        Matrix<double> sigma = gaussian.covariance;
        for (std::size_t c = 0; c < sigma.size(); ++c) sigma.data()[c] *= beta;
        Covariance kept = restricted(sigma, splat.kind);
        splat.variance = std::move(kept.variance);
        splat.shape = std::move(kept.shape);
        return;
    }
    double mean = 0.0;
    for (std::size_t c = 0; c < d; ++c) mean += gaussian.covariance(c, c) / static_cast<double>(d);
    splat.variance.resize(d);
    for (std::size_t c = 0; c < d; ++c) {
        double variance = mean;
        if (splat.kind == CovarianceKind::diagonal)
            variance =
                std::clamp(gaussian.covariance(c, c), mean / kWorstRatio, mean * kWorstRatio);
        splat.variance[c] = static_cast<float>(variance * beta);
    }
}

const char* restriction_note(CovarianceKind kind) {
    switch (kind) {
        case CovarianceKind::spherical: return "shapes kept spherical";
        case CovarianceKind::diagonal: return "shapes kept diagonal";
        case CovarianceKind::lowrank: return "shapes kept to their widest directions";
        case CovarianceKind::full: return "shapes kept whole";
    }
    return "";
}

}  // namespace hsa
