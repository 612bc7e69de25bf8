#include "engine/adapt/bandwidth.h"
#include "engine/core/parallel.h"
#include "engine/core/stratified.h"
#include "tests/unit/engine/embed/embed_test.h"

#include <algorithm>
#include <cmath>
#include <limits>

using hsa::Bandwidth;
using hsa::fit_bandwidth;
using hsa::Matrix;
using hsa::stratified_rows;

namespace {

// ell at beta = 1 of centres among the rows.
Matrix<float> log_kernel(const Matrix<float>& y, std::size_t k, double far = 1.0) {
    Matrix<float> q(y.rows(), k);
    for (std::size_t i = 0; i < y.rows(); ++i)
        for (std::size_t s = 0; s < k; ++s) {
            double square = 0.0;
            for (std::size_t a = 0; a < y.cols(); ++a) {
                const double delta =
                    static_cast<double>(y(i, a)) - static_cast<double>(y(s * 7 % y.rows(), a));
                square += delta * delta;
            }
            q(i, s) = static_cast<float>(-0.5 * square * far);
        }
    return q;
}

// Mean of exp H(P) by the definition, in double.
double perplexity(const Matrix<float>& q, double beta) {
    const std::size_t k = q.cols();
    std::vector<double> c(k, -std::numeric_limits<double>::infinity());
    const auto add = [](double a, double b) {
        const double top = std::max(a, b);
        return top + std::log(std::exp(a - top) + std::exp(b - top));
    };
    for (std::size_t i = 0; i < q.rows(); ++i)
        for (std::size_t s = 0; s < k; ++s) c[s] = add(c[s], beta * static_cast<double>(q(i, s)));
    double sum = 0.0;
    for (std::size_t i = 0; i < q.rows(); ++i) {
        double z = -std::numeric_limits<double>::infinity();
        for (std::size_t s = 0; s < k; ++s) z = add(z, beta * static_cast<double>(q(i, s)) + c[s]);
        double entropy = 0.0;
        for (std::size_t s = 0; s < k; ++s) {
            const double log_p = beta * static_cast<double>(q(i, s)) + c[s] - z;
            entropy -= std::exp(log_p) * log_p;
        }
        sum += std::exp(entropy);
    }
    return sum / static_cast<double>(q.rows());
}

}  // namespace

TEST_CASE("bandwidth meets its target perplexity", "[adapt][initialise][bandwidth]") {
    const Matrix<float> q = log_kernel(embed_test::clusters(1500, 6, 9, 1), 20);
    for (const double target : {1.3, 2.0, 3.0, 5.0, 8.0}) {
        const Bandwidth found = fit_bandwidth(q, target, hsa::Work{});
        INFO("target " << target << " beta " << found.beta);
        CHECK(found.perplexity == Approx(target).epsilon(1e-4));
        CHECK(perplexity(q, static_cast<double>(static_cast<float>(found.beta))) ==
              Approx(target).epsilon(1e-4));
    }
}

TEST_CASE("kernels that vanish in float32 are no trouble", "[adapt][initialise][bandwidth]") {
    // Rows thousands of nats away from every splat but one or two.
    const Matrix<float> q = log_kernel(embed_test::clusters(800, 6, 9, 2), 12, 1e4);
    const Bandwidth found = fit_bandwidth(q, 3.0, hsa::Work{});
    CHECK(found.perplexity == Approx(3.0).epsilon(1e-3));
    CHECK(perplexity(q, found.beta) == Approx(3.0).epsilon(1e-3));
    for (const double beta : {1e-4, 1e-2, 1.0}) {
        Matrix<float> scaled = q;
        for (std::size_t e = 0; e < q.size(); ++e) scaled.data()[e] *= static_cast<float>(beta);
        // A target that is met at beta = 1 of the scaled kernels brings back beta = 1.
        const double target = perplexity(scaled, 1.0);
        if (target < 1.05) continue;
        CHECK(fit_bandwidth(scaled, target, hsa::Work{}).beta == Approx(1.0).epsilon(0.02));
    }
}

TEST_CASE("a target out of reach takes the nearer end", "[adapt][initialise][bandwidth]") {
    const Matrix<float> q = log_kernel(embed_test::clusters(300, 6, 9, 5), 12);
    // Twelve splats never have a perplexity of 40, and as good as no bandwidth comes nearest.
    const Bandwidth flat = fit_bandwidth(q, 40.0, hsa::Work{});
    CHECK(flat.beta == Approx(1e-6).epsilon(1e-4));
    CHECK(flat.perplexity == Approx(12.0).epsilon(1e-3));
    // Below 1 there is none either: the narrowest comes nearest.
    const Bandwidth sharp = fit_bandwidth(q, 0.5, hsa::Work{});
    CHECK(sharp.beta == Approx(1e3).epsilon(1e-4));
    CHECK(sharp.perplexity < 1.1);
    // Rows that are all alike have one perplexity whatever beta is.
    const Bandwidth alike = fit_bandwidth(Matrix<float>(50, 4, -2.0F), 2.0, hsa::Work{});
    CHECK(std::isfinite(alike.beta));
    CHECK(alike.perplexity == Approx(4.0).epsilon(1e-3));  // ell is 2,000: float32
    CHECK(alike.beta == Approx(1e3).epsilon(1e-4));
}

TEST_CASE("one splat has beta 1", "[adapt][initialise][bandwidth]") {
    const Bandwidth one = fit_bandwidth(Matrix<float>(10, 1, -3.0F), 3.0, hsa::Work{});
    CHECK(one.beta == 1.0);
    CHECK(one.perplexity == 1.0);
}

TEST_CASE("bandwidth has the same bits for any number of threads",
          "[adapt][initialise][bandwidth]") {
    const Matrix<float> q = log_kernel(embed_test::clusters(5000, 6, 9, 4), 30);
    const auto run = [&](std::size_t threads) {
        const hsa::ThreadLimit limit(threads);
        return fit_bandwidth(q, 4.0, hsa::Work{}).beta;
    };
    CHECK(run(1) == run(4));
}

TEST_CASE("stratified rows are spread and distinct", "[adapt][initialise][bandwidth]") {
    CHECK(stratified_rows(3, 10) == std::vector<std::uint32_t>{0, 1, 2});
    CHECK(stratified_rows(0, 10).empty());
    const std::vector<std::uint32_t> rows = stratified_rows(1000, 10);
    REQUIRE(rows.size() == 10);
    for (std::size_t r = 0; r < rows.size(); ++r) {
        CHECK(rows[r] >= r * 100);
        CHECK(rows[r] < (r + 1) * 100);
    }
}
