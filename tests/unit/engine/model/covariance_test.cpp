#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/model/whitening.h"
#include "tests/catch.h"
#include "tests/reference/attention.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using hsa::Covariance;
using hsa::CovarianceKind;
using hsa::CovarianceView;
using hsa::Matrix;

namespace {

// A random covariance whose eigenvalues reach from 1 / spread to spread.
Matrix<double> random_covariance(std::size_t d, double spread, std::uint64_t seed) {
    Matrix<double> root(d, d);
    hsa::Random random({seed, d});
    for (std::size_t a = 0; a < d; ++a) {
        const double scale = std::pow(
            spread, d == 1 ? 0.0 : static_cast<double>(a) / static_cast<double>(d - 1) - 0.5);
        for (std::size_t b = 0; b < d; ++b)
            root(a, b) = random.normal() * scale / std::sqrt(static_cast<double>(d));
    }
    Matrix<double> sigma(d, d);
    for (std::size_t a = 0; a < d; ++a)
        for (std::size_t b = 0; b < d; ++b) {
            for (std::size_t r = 0; r < d; ++r) sigma(a, b) += root(r, a) * root(r, b);
            if (a == b) sigma(a, b) += 0.05;
        }
    return sigma;
}

double trace(const Matrix<double>& m) {
    double sum = 0.0;
    for (std::size_t a = 0; a < m.rows(); ++a) sum += m(a, a);
    return sum;
}

// ln |m| of a positive definite matrix by elimination.
double log_determinant(Matrix<double> m) {
    double sum = 0.0;
    for (std::size_t c = 0; c < m.rows(); ++c) {
        sum += std::log(m(c, c));
        for (std::size_t a = c + 1; a < m.rows(); ++a) {
            const double by = m(a, c) / m(c, c);
            for (std::size_t b = c; b < m.rows(); ++b) m(a, b) -= by * m(c, b);
        }
    }
    return sum;
}

CovarianceView view(CovarianceKind kind, const Covariance& covariance) {
    return {kind, covariance.variance, covariance.shape};
}

constexpr CovarianceKind kKinds[] = {CovarianceKind::spherical, CovarianceKind::diagonal,
                                     CovarianceKind::lowrank, CovarianceKind::full};

}  // namespace

TEST_CASE("covariance: a restriction keeps what its kind can say", "[model][covariance]") {
    for (const std::size_t d : {1U, 2U, 3U, 4U, 5U, 16U}) {
        const Matrix<double> sigma = random_covariance(d, 4.0, 1);
        for (const CovarianceKind kind : kKinds) {
            INFO(hsa::name_of(kind) << ", d = " << d);
            const Covariance made = hsa::restricted(sigma, kind);
            const CovarianceView covariance = view(kind, made);
            REQUIRE(covariance.fits());
            const Matrix<double> kept = hsa::dense_covariance(covariance);
            CHECK(trace(kept) == Approx(trace(sigma)).epsilon(1e-5));
            const std::vector<float> marginal = hsa::marginal_variances(covariance);
            for (std::size_t a = 0; a < d; ++a) {
                CHECK(static_cast<double>(marginal[a]) == Approx(kept(a, a)).epsilon(1e-6));
                if (kind != CovarianceKind::spherical)
                    CHECK(kept(a, a) == Approx(sigma(a, a)).epsilon(1e-5));
            }
            const bool whole = kind == CovarianceKind::full ||
                               (kind == CovarianceKind::lowrank && d <= hsa::kFactorRank);
            for (std::size_t a = 0; a < d && whole; ++a)
                for (std::size_t b = 0; b < d; ++b)
                    CHECK(kept(a, b) == Approx(sigma(a, b)).margin(1e-5 * trace(sigma)));
        }
    }
}

TEST_CASE("covariance: restrictions clip eigenvalues to a hundredth and a hundred times the mean",
          "[model][covariance]") {
    Matrix<double> sigma(3, 3);
    sigma(0, 0) = 1e6;
    sigma(1, 1) = 1.0;
    sigma(2, 2) = 1e-9;
    sigma(0, 1) = sigma(1, 0) = 500.0;
    for (const CovarianceKind kind :
         {CovarianceKind::diagonal, CovarianceKind::lowrank, CovarianceKind::full}) {
        const Covariance made = hsa::restricted(sigma, kind);
        CHECK(hsa::condition_of(view(kind, made)) < 1.01e4);
    }
    CHECK_THROWS_AS(hsa::restricted(Matrix<double>(2, 2), CovarianceKind::full), hsa::Error);
}

TEST_CASE("covariance: condition and spectrum", "[model][covariance]") {
    const std::vector<float> ones = {1.0F, 1.0F};
    const std::vector<float> half = {0.5F};
    const std::vector<float> two = {2.0F};
    const std::vector<float> factor = {3.0F, 0.0F};
    const CovarianceView full = {CovarianceKind::full, ones, half};
    CHECK(hsa::condition_of(full) == Approx(3.0));
    REQUIRE(hsa::spectrum_of(full).size() == 2);
    CHECK(hsa::spectrum_of(full)[0] == Approx(1.5));
    CHECK(hsa::spectrum_of(full)[1] == Approx(0.5));
    CHECK(std::isinf(hsa::condition_of({CovarianceKind::full, ones, two})));
    CHECK_FALSE(hsa::condition_at_most({CovarianceKind::full, ones, two}, 1e12));
    const CovarianceView lowrank = {CovarianceKind::lowrank, ones, factor};
    CHECK(hsa::condition_of(lowrank) == Approx(10.0));
    CHECK(hsa::condition_at_most(lowrank, 10.1));
    CHECK_FALSE(hsa::condition_at_most(lowrank, 9.9));
    CHECK_FALSE(CovarianceView{CovarianceKind::lowrank, ones, {}}.fits());
    CHECK_FALSE(CovarianceView{CovarianceKind::lowrank, ones, half}.fits());
    CHECK_FALSE(CovarianceView{CovarianceKind::full, ones, factor}.fits());
    CHECK_FALSE(CovarianceView{CovarianceKind::diagonal, ones, half}.fits());
}

TEST_CASE("whitening: distances, precision and determinant against an inverse",
          "[model][covariance]") {
    for (const std::size_t d : {1U, 2U, 3U, 16U})
        for (const CovarianceKind kind : kKinds) {
            INFO(hsa::name_of(kind) << ", d = " << d);
            const Covariance made = hsa::restricted(random_covariance(d, 30.0, 2), kind);
            const hsa::Whitening whitening(view(kind, made));
            const Matrix<double> sigma = hsa::dense_covariance(view(kind, made));
            const Matrix<double> precision = reference::inverse(sigma);
            CHECK(whitening.log_determinant() == Approx(log_determinant(sigma)).epsilon(1e-9));
            std::vector<double> delta(d);
            hsa::Random random({3, d});
            for (double& x : delta) x = random.normal();
            const std::vector<double> along = whitening.precision_times(delta);
            double m = 0.0;
            for (std::size_t a = 0; a < d; ++a) {
                double own = 0.0;
                for (std::size_t b = 0; b < d; ++b) own += precision(a, b) * delta[b];
                CHECK(along[a] == Approx(own).epsilon(1e-8).margin(1e-8));
                m += delta[a] * own;
            }
            CHECK(whitening.squared(delta) == Approx(m).epsilon(1e-9));
            CHECK(whitening.gain() >= 1.0);
        }
}

TEST_CASE("whitening: what is not positive definite is refused", "[model][covariance]") {
    const std::vector<float> ones = {1.0F, 1.0F};
    const std::vector<float> two = {2.0F};
    const std::vector<float> none = {1.0F, 0.0F};
    CHECK_THROWS_AS(hsa::Whitening({CovarianceKind::full, ones, two}), hsa::Error);
    CHECK_THROWS_AS(hsa::Whitening({CovarianceKind::diagonal, none, {}}), hsa::Error);
}
