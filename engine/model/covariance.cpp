#include "engine/model/covariance.h"

#include "engine/core/error.h"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <limits>

namespace hsa {
namespace {

using Square = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr double kClip = 100.0;
constexpr double kInfinite = std::numeric_limits<double>::infinity();

Eigen::Index index(std::size_t value) { return static_cast<Eigen::Index>(value); }

Eigen::Map<const Square> map(const Matrix<double>& m) {
    return {m.data(), index(m.rows()), index(m.cols())};
}

bool positive(std::span<const float> values) {
    return std::all_of(values.begin(), values.end(),
                       [](float v) { return std::isfinite(v) && v > 0.0F; });
}

bool finite(std::span<const float> values) {
    return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

std::size_t below_diagonal(std::size_t d) { return d * (d - std::min<std::size_t>(d, 1)) / 2; }

// Rising.
Eigen::VectorXd eigenvalues(const CovarianceView& covariance) {
    const Matrix<double> sigma = dense_covariance(covariance);
    return Eigen::SelfAdjointEigenSolver<Square>(map(sigma), Eigen::EigenvaluesOnly).eigenvalues();
}

// The diagonal part is least where the factor is 0: its condition is at most this.
double lowrank_bound(const CovarianceView& covariance) {
    double factor = 0.0;
    for (const float f : covariance.shape)
        factor += static_cast<double>(f) * static_cast<double>(f);
    const auto [least, most] =
        std::minmax_element(covariance.variance.begin(), covariance.variance.end());
    return (static_cast<double>(*most) + factor) / static_cast<double>(*least);
}

Covariance lowrank_of(const Square& sigma, const Eigen::SelfAdjointEigenSolver<Square>& solver,
                      const Eigen::VectorXd& values) {
    const Eigen::Index d = sigma.rows();
    const Eigen::Index rank = std::min<Eigen::Index>(index(kFactorRank), d);
    // What the factor leaves of its directions is what the others have in the mean.
    const double rest = d > rank ? values.head(d - rank).mean() : 0.5 * values.minCoeff();
    const double floor =
        0.5 * std::min(rest, values.minCoeff());  // own is above it but for rounding
    Covariance made;
    made.shape.assign(static_cast<std::size_t>(d * rank), 0.0F);
    for (Eigen::Index a = 0; a < d; ++a) {
        double own = sigma(a, a);
        for (Eigen::Index r = 0; r < rank; ++r) {
            const Eigen::Index column = d - 1 - r;
            const double length = std::sqrt(std::max(values(column) - rest, 0.0));
            const double f = solver.eigenvectors()(a, column) * length;
            made.shape[static_cast<std::size_t>(a * rank + r)] = static_cast<float>(f);
            own -= f * f;
        }
        made.variance.push_back(static_cast<float>(std::max(own, floor)));
    }
    return made;
}

}  // namespace

std::size_t CovarianceView::rank() const {
    return kind == CovarianceKind::lowrank && !variance.empty() ? shape.size() / variance.size()
                                                                : 0;
}

bool CovarianceView::fits() const {
    switch (kind) {
        case CovarianceKind::lowrank:
            return variance.empty() ? shape.empty()
                                    : !shape.empty() && shape.size() % variance.size() == 0;
        case CovarianceKind::full: return shape.size() == below_diagonal(variance.size());
        default: return shape.empty();
    }
}

Matrix<double> dense_covariance(const CovarianceView& covariance) {
    const std::size_t d = covariance.dimension();
    if (!covariance.fits())
        fault("a {} covariance of {} dimensions with {} further numbers", name_of(covariance.kind),
              d, covariance.shape.size());
    Matrix<double> sigma(d, d);
    for (std::size_t a = 0; a < d; ++a) sigma(a, a) = static_cast<double>(covariance.variance[a]);
    const float* shape = covariance.shape.data();
    if (covariance.kind == CovarianceKind::full) {
        for (std::size_t a = 1; a < d; ++a)
            for (std::size_t b = 0; b < a; ++b, ++shape)
                sigma(a, b) = sigma(b, a) = static_cast<double>(*shape);
    }
    const std::size_t rank = covariance.rank();
    for (std::size_t a = 0; a < d && rank > 0; ++a)
        for (std::size_t b = 0; b < d; ++b)
            for (std::size_t r = 0; r < rank; ++r)
                sigma(a, b) += static_cast<double>(shape[a * rank + r]) *
                               static_cast<double>(shape[b * rank + r]);
    return sigma;
}

double condition_of(const CovarianceView& covariance) {
    if (covariance.variance.empty()) return 1.0;
    if (!positive(covariance.variance) || !finite(covariance.shape)) return kInfinite;
    if (covariance.shape.empty()) {
        const auto [least, most] =
            std::minmax_element(covariance.variance.begin(), covariance.variance.end());
        return static_cast<double>(*most) / static_cast<double>(*least);
    }
    const Eigen::VectorXd values = eigenvalues(covariance);
    const double least = values(0);
    const double most = values(values.size() - 1);
    return least > 0.0 ? most / least : kInfinite;
}

bool condition_at_most(const CovarianceView& covariance, double worst) {
    if (covariance.kind == CovarianceKind::lowrank && positive(covariance.variance) &&
        finite(covariance.shape) && lowrank_bound(covariance) <= worst)
        return true;
    return condition_of(covariance) <= worst;
}

std::vector<float> marginal_variances(const CovarianceView& covariance) {
    std::vector<float> variances(covariance.variance.begin(), covariance.variance.end());
    const std::size_t rank = covariance.rank();
    for (std::size_t a = 0; a < variances.size() && rank > 0; ++a) {
        auto sum = static_cast<double>(variances[a]);
        for (std::size_t r = 0; r < rank; ++r) {
            const auto f = static_cast<double>(covariance.shape[a * rank + r]);
            sum += f * f;
        }
        variances[a] = static_cast<float>(sum);
    }
    return variances;
}

std::vector<double> spectrum_of(const CovarianceView& covariance) {
    std::vector<double> values;
    if (covariance.shape.empty()) {
        values.assign(covariance.variance.begin(), covariance.variance.end());
    } else {
        const Eigen::VectorXd found = eigenvalues(covariance);
        values.assign(found.data(), found.data() + found.size());
    }
    std::sort(values.rbegin(), values.rend());
    return values;
}

Covariance restricted(const Matrix<double>& sigma, CovarianceKind kind) {
    const std::size_t d = sigma.rows();
    double trace = 0.0;
    for (std::size_t a = 0; a < d; ++a) trace += sigma(a, a);
    if (sigma.cols() != d) fault("a covariance of {} x {}", d, sigma.cols());
    if (d > 0 && (!(trace > 0.0) || !map(sigma).allFinite()))
        fail("A covariance with a trace of {} was made; it must be positive and finite.", trace);
    const double mean = trace / static_cast<double>(std::max<std::size_t>(d, 1));
    Covariance made;
    if (kind == CovarianceKind::spherical || kind == CovarianceKind::diagonal || d == 0) {
        for (std::size_t a = 0; a < d; ++a)
            made.variance.push_back(
                static_cast<float>(kind == CovarianceKind::spherical
                                       ? mean
                                       : std::clamp(sigma(a, a), mean / kClip, mean * kClip)));
        return made;
    }
    const Eigen::SelfAdjointEigenSolver<Square> solver(map(sigma));
    const Eigen::VectorXd values =
        solver.eigenvalues().cwiseMax(mean / kClip).cwiseMin(mean * kClip);
    const Square clipped = values == solver.eigenvalues()
                               ? Square(map(sigma))
                               : Square(solver.eigenvectors() * values.asDiagonal() *
                                        solver.eigenvectors().transpose());
    if (kind == CovarianceKind::lowrank) return lowrank_of(clipped, solver, values);
    for (Eigen::Index a = 0; a < clipped.rows(); ++a) {
        made.variance.push_back(static_cast<float>(clipped(a, a)));
        for (Eigen::Index b = 0; b < a; ++b)
            made.shape.push_back(static_cast<float>(clipped(a, b)));
    }
    return made;
}

Covariance from_variances(std::span<const float> variance, CovarianceKind kind) {
    Covariance made;
    made.variance.assign(variance.begin(), variance.end());
    const std::size_t d = variance.size();
    if (kind == CovarianceKind::lowrank) made.shape.assign(d * std::min(kFactorRank, d), 0.0F);
    if (kind == CovarianceKind::full) made.shape.assign(below_diagonal(d), 0.0F);
    return made;
}

const char* name_of(CovarianceKind kind) {
    switch (kind) {
        case CovarianceKind::spherical: return "spherical";
        case CovarianceKind::diagonal: return "diagonal";
        case CovarianceKind::lowrank: return "lowrank";
        case CovarianceKind::full: return "full";
    }
    return "";
}

}  // namespace hsa
