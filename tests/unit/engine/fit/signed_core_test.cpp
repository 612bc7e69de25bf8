#include "engine/fit/signed_core.h"

#include "engine/attention/cells.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"
#include "engine/fit/core_equations.h"
#include "engine/fit/fit.h"
#include "engine/fit/row_entropy.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"
#include "tests/unit/engine/fit/heads.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

using hsa::Matrix;

namespace {

// Factors of n tokens and c columns: rows of P and columns of K of positive numbers that sum to 1,
// P nowhere below .4 / c.
hsa::Factors made_factors(std::size_t n, std::size_t c, std::uint64_t seed) {
    hsa::Factors factors;
    factors.p = Matrix<float>(n, c);
    factors.k = Matrix<float>(n, c);
    factors.ids.resize(c);
    std::iota(factors.ids.begin(), factors.ids.end(), hsa::SplatId{1});
    factors.level.assign(c, 0);
    Matrix<double> p(n, c);
    Matrix<double> k(n, c);
    std::vector<double> of_column(c, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        hsa::Random random{seed, i};
        double sum = 0.0;
        for (std::size_t s = 0; s < c; ++s) {
            sum += p(i, s) = std::exp(random.normal());
            of_column[s] += k(i, s) = std::exp(2.0 * random.normal());
        }
        for (std::size_t s = 0; s < c; ++s)
            factors.p(i, s) =
                static_cast<float>(0.4 / static_cast<double>(c) + 0.6 * p(i, s) / sum);
    }
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t s = 0; s < c; ++s)
            factors.k(i, s) = static_cast<float>(k(i, s) / of_column[s]);
    return factors;
}

// P C K as a target.
hsa::Target target_of(const hsa::Factors& factors, const Matrix<double>& c) {
    const std::size_t n = factors.tokens();
    Matrix<float> t(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
            double sum = 0.0;
            for (std::size_t s = 0; s < c.rows(); ++s)
                for (std::size_t u = 0; u < c.cols(); ++u)
                    sum += static_cast<double>(factors.p(i, s)) * c(s, u) *
                           static_cast<double>(factors.k(j, u));
            t(i, j) = static_cast<float>(sum);
        }
    return hsa::Target(std::move(t));
}

// 1.4 I - .4 / c with something on top whose rows sum to 0: signed, and P C stays above 0.
Matrix<double> signed_matrix(std::size_t columns) {
    const auto c = static_cast<double>(columns);
    Matrix<double> core(columns, columns, -0.4 / c);
    for (std::size_t s = 0; s < columns; ++s) {
        core(s, s) += 1.4;
        core(s, (s + 1) % columns) += 0.03;
        core(s, (s + 2) % columns) -= 0.03;
    }
    return core;
}

struct Fitted {
    TestHead head;
    hsa::Factors factors;
    double entropy = 0.0;
};

Fitted fitted_head(std::size_t n, double sharpness, std::size_t splats) {
    Fitted made{clustered_head(n, 6, 5, sharpness, 9), {}, 0.0};
    hsa::FitOptions options;
    options.start.splats = splats;
    options.steps = 30;
    const auto backend = reference::cpu();
    const hsa::Fit fit = hsa::fit(*backend, made.head.view(), options, {});
    made.factors = hsa::compute_factors(*backend, fit.registry, made.head.coordinates, {}, {});
    made.entropy = hsa::mean_row_entropy(*made.head.target);
    return made;
}

std::string refusal(const hsa::Factors& factors, const hsa::Target& target) {
    try {
        (void)hsa::fit_signed_core(factors, target, {}, 1, {});
    } catch (const hsa::Error& error) {
        return error.what();
    }
    return {};
}

}  // namespace

TEST_CASE("a core solves its normal equations", "[fit][core]") {
    constexpr std::size_t kTokens = 12;
    constexpr std::size_t kColumns = 4;
    const hsa::Factors factors = made_factors(kTokens, kColumns, 3);
    const hsa::Factors other = made_factors(kTokens, kColumns, 4);
    const hsa::Target target = target_of(other, signed_matrix(kColumns));
    const std::vector<std::uint32_t> rows = {0, 2, 3, 7, 8, 11};
    Matrix<float> t(rows.size(), kTokens);
    target.rows(rows, t.view());
    const hsa::CoreEquations equations(hsa::core_sums(factors, target, rows, {}));
    for (const double share : {1.0, 1e-2, 1e-5}) {
        const double ridge = share * equations.largest();
        const auto loss = [&](const Matrix<double>& c) {
            double sum = 0.0;
            for (std::size_t r = 0; r < rows.size(); ++r)
                for (std::size_t j = 0; j < kTokens; ++j) {
                    auto left = static_cast<double>(t(r, j));
                    for (std::size_t s = 0; s < kColumns; ++s)
                        for (std::size_t u = 0; u < kColumns; ++u)
                            left -= static_cast<double>(factors.p(rows[r], s)) * c(s, u) *
                                    static_cast<double>(factors.k(j, u));
                    sum += left * left;
                }
            for (std::size_t s = 0; s < kColumns; ++s)
                for (std::size_t u = 0; u < kColumns; ++u)
                    sum += ridge * std::pow(c(s, u) - (s == u ? 1.0 : 0.0), 2);
            return sum;
        };
        const Matrix<double> c = equations.solve(ridge);
        const double least = loss(c);
        // Every direction that leaves the sums of rows alone: flat there, and up on both sides.
        for (std::size_t s = 0; s < kColumns; ++s) {
            CHECK(std::abs(std::accumulate(c.row(s).begin(), c.row(s).end(), -1.0)) < 1e-12);
            for (std::size_t u = 1; u < kColumns; ++u) {
                const auto moved = [&](double by) {
                    Matrix<double> to = c;
                    to(s, 0) -= by;
                    to(s, u) += by;
                    return loss(to) - least;
                };
                INFO("ridge " << share << ", row " << s << ", columns 0 and " << u);
                CHECK(moved(1.0) > 0.0);
                CHECK(moved(-1.0) > 0.0);
                CHECK(std::abs(moved(1.0) - moved(-1.0)) < 1e-4 * (moved(1.0) + moved(-1.0)));
            }
        }
    }
}

TEST_CASE("a signed core that is there is found", "[fit][core]") {
    constexpr std::size_t kColumns = 6;
    const hsa::Factors factors = made_factors(300, kColumns, 5);
    const Matrix<double> made = signed_matrix(kColumns);
    const hsa::Target target = target_of(factors, made);
    const hsa::SignedCore core = hsa::fit_signed_core(factors, target, {}, 7, {});
    CHECK(core.used);
    CHECK(core.rows == 300 - 75 - 37);
    CHECK(core.held_out == 75);
    CHECK(core.error_plain > 0.05);
    CHECK(core.error_core < 1e-4);
    CHECK(reference::largest_difference(reference::widened(core.c), made) < 1e-3);

    // And none where P K is the target itself.
    Matrix<double> nothing(kColumns, kColumns);
    for (std::size_t s = 0; s < kColumns; ++s) nothing(s, s) = 1.0;
    const hsa::SignedCore same =
        hsa::fit_signed_core(factors, target_of(factors, nothing), {}, 7, {});
    CHECK(same.error_plain < 1e-6);
    CHECK(reference::largest_difference(reference::widened(same.c), nothing) < 1e-4);
}

TEST_CASE("a diffuse head gains from a core, and its rows sum to 1", "[fit][core]") {
    const Fitted made = fitted_head(400, 0.3, 4);
    REQUIRE(hsa::is_diffuse(made.entropy, 400));
    const hsa::SignedCore core =
        hsa::fit_signed_core(made.factors, *made.head.target, made.head.values.view(), 1, {});
    CHECK(core.used);
    CHECK(core.error_core < 0.9 * core.error_plain);
    CHECK(*std::min_element(core.c.data(), core.c.data() + core.c.size()) < 0.0F);
    const Matrix<float> ones = hsa::attend(core, made.factors, Matrix<float>(400, 2, 1.0F).view());
    for (std::size_t e = 0; e < ones.size(); ++e) CHECK(std::abs(ones.data()[e] - 1.0F) < 5e-6F);

    // What is reported is what attend() is off by on the rows held out, whose share is a quarter.
    std::vector<std::uint32_t> rows(400);
    std::iota(rows.begin(), rows.end(), 0U);
    const Matrix<float> exact = hsa::exact_rows(made.head.view(), rows).outputs;
    const auto error = [&](const Matrix<float>& out) {
        double missed = 0.0;
        double all = 0.0;
        for (const std::uint32_t i : hsa::fit_rows(400, true, 1).report)
            for (std::size_t v = 0; v < out.cols(); ++v) {
                const auto wanted = static_cast<double>(exact(i, v));
                missed += std::pow(wanted - static_cast<double>(out(i, v)), 2);
                all += wanted * wanted;
            }
        return std::sqrt(missed / all);
    };
    CHECK(error(hsa::attend(made.factors, made.head.values.view())) ==
          Approx(core.error_plain).epsilon(1e-3));
    CHECK(error(hsa::attend(core, made.factors, made.head.values.view())) ==
          Approx(core.error_core).epsilon(1e-3));
}

TEST_CASE("heads below the share of entropy have no core", "[fit][core]") {
    CHECK_FALSE(hsa::is_diffuse(fitted_head(400, 6.0, 4).entropy, 400));
    const double most = std::log(1000.0);
    CHECK(hsa::is_diffuse(0.9501 * most, 1000));
    CHECK_FALSE(hsa::is_diffuse(0.9499 * most, 1000));
    CHECK_FALSE(hsa::is_diffuse(0.0, 1));
    CHECK_FALSE(hsa::is_diffuse(0.0, 0));
    CHECK(hsa::entropy_share(most, 1000) == Approx(1.0));
    // Of rows that are flat the entropy is ln n.
    CHECK(hsa::mean_row_entropy(hsa::Target(Matrix<float>(90, 2), 1.0)) ==
          Approx(std::log(90.0)).epsilon(1e-5));
}

TEST_CASE("a core has the same bits for any number of threads", "[fit][core][threads]") {
    const hsa::Factors factors = made_factors(2500, 5, 6);
    const TestHead head = clustered_head(2500, 4, 5, 0.5, 6);
    const auto fitted = [&] {
        return hsa::fit_signed_core(factors, *head.target, head.values.view(), 3, {});
    };
    const auto out = [&](const hsa::SignedCore& core) {
        return hsa::attend(core, factors, head.values.view());
    };
    const hsa::SignedCore many = fitted();
    const Matrix<float> outputs = out(many);
    CHECK(many.used);
    CHECK(fitted().c == many.c);
    const hsa::ThreadLimit one(1);
    const hsa::SignedCore again = fitted();
    CHECK(again.c == many.c);
    CHECK(again.error_core == many.error_core);
    CHECK(out(again) == outputs);
}

TEST_CASE("what can have no core is refused with the reason", "[fit][core]") {
    const TestHead head = clustered_head(80, 4, 5, 0.5, 6);
    const hsa::Factors factors = made_factors(80, 3, 1);
    CHECK(refusal(factors, *head.target).empty());

    hsa::Factors causal = factors;
    causal.causal = std::make_shared<const hsa::CausalFactors>();
    CHECK(refusal(causal, *head.target).find("attention.causal") != std::string::npos);
    hsa::Factors near = factors;
    near.near = std::make_shared<const hsa::NearPairs>();
    CHECK(refusal(near, *head.target).find("attention.near") != std::string::npos);
    CHECK(refusal(made_factors(80, 1025, 1), *head.target).find("1025") != std::string::npos);
    CHECK(refusal(made_factors(63, 3, 1), *head.target).find("63 tokens") != std::string::npos);
    const hsa::Target past(Matrix<float>(80, 2, 1.0F), 1.0, true);
    CHECK(refusal(factors, past).find("causal") != std::string::npos);
    CHECK(refusal(made_factors(90, 3, 1), *head.target).find("90 tokens") != std::string::npos);
    const hsa::SignedCore core = hsa::fit_signed_core(factors, *head.target, {}, 1, {});
    CHECK_THROWS_AS(hsa::attend(core, factors, Matrix<float>(79, 2).view()), hsa::Error);
}
