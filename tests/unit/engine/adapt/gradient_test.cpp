#include "engine/adapt/gradient.h"

#include "engine/adapt/adam.h"
#include "engine/adapt/rows.h"
#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <array>
#include <cmath>
#include <functional>
#include <limits>

using hsa::LevelSplats;
using hsa::Matrix;

namespace {

struct Problem {
    Matrix<float> x;
    std::vector<std::uint32_t> rows;
    Matrix<float> t;
    std::vector<double> weight;
    double background = 0.0;  // ln w_bg + ln n
};

// sum_i weight_i KL(T_i | A_i), straight from maths.md 2 in double.
double loss(const Problem& problem, const LevelSplats& splats) {
    const std::size_t n = problem.x.rows();
    const std::size_t k = splats.size();
    const auto ell = [&](std::size_t i, std::size_t s) {
        double m = 0.0;
        for (std::size_t a = 0; a < problem.x.cols(); ++a) {
            const double delta =
                static_cast<double>(problem.x(i, a)) - static_cast<double>(splats.centre(s, a));
            m += delta * delta / static_cast<double>(splats.variance(s, a));
        }
        return -0.5 * static_cast<double>(splats.beta[s]) * m;
    };
    std::vector<double> mass(k, 0.0);
    for (std::size_t s = 0; s < k; ++s) {
        for (std::size_t j = 0; j < n; ++j) mass[s] += std::exp(ell(j, s));
        mass[s] = std::log(mass[s]);
    }
    double total = 0.0;
    for (std::size_t r = 0; r < problem.rows.size(); ++r) {
        double z = std::exp(problem.background);
        std::vector<double> p(k);
        for (std::size_t s = 0; s < k; ++s) {
            p[s] = std::exp(static_cast<double>(splats.log_weight[s]) + ell(problem.rows[r], s) +
                            mass[s]);
            z += p[s];
        }
        for (std::size_t j = 0; j < n; ++j) {
            double a = std::exp(problem.background) / z / static_cast<double>(n);
            for (std::size_t s = 0; s < k; ++s) a += p[s] / z * std::exp(ell(j, s) - mass[s]);
            const auto t = static_cast<double>(problem.t(r, j));
            total += problem.weight[r] * t * std::log(t / a);
        }
    }
    return total;
}

Problem make_problem(const hsa::Target& target, const Matrix<float>& x) {
    Problem problem;
    problem.x = x;
    for (std::uint32_t row = 3; row < x.rows(); row += 7) problem.rows.push_back(row);
    problem.t = Matrix<float>(problem.rows.size(), x.rows());
    target.rows(problem.rows, problem.t.view());
    for (std::size_t r = 0; r < problem.rows.size(); ++r)
        problem.weight.push_back((1.0 + 0.2 * static_cast<double>(r % 3)) /
                                 static_cast<double>(problem.rows.size()));
    problem.background = -3.0 + std::log(static_cast<double>(x.rows()));
    return problem;
}

LevelSplats make_splats(hsa::CovarianceKind kind) {
    const auto around = adapt_test::directions(4, 3, 5);
    std::vector<hsa::Splat> splats;
    for (std::size_t s = 0; s < around.size(); ++s) {
        hsa::Splat splat = adapt_test::splat_at(around[s], 0.7 + 0.2 * static_cast<double>(s));
        splat.kind = kind;
        splat.id = static_cast<hsa::SplatId>(s);
        splat.log_amplitude = 0.3F * static_cast<float>(s) - 0.4F;
        splat.beta = 0.8F;
        if (kind == hsa::CovarianceKind::diagonal)
            for (std::size_t a = 0; a < 3; ++a)
                splat.variance[a] *= 1.0F + 0.3F * static_cast<float>(a);
        splats.push_back(splat);
    }
    return hsa::level_splats(splats);
}

double slope(const Problem& problem, LevelSplats splats,
             const std::function<float*(LevelSplats&)>& at,
             const std::function<float(float, double)>& moved) {
    constexpr double kStep = 1e-3;
    float* value = at(splats);
    const float old = *value;
    const float up = moved(old, kStep);
    const float down = moved(old, -kStep);
    *value = up;
    const double above = loss(problem, splats);
    *value = down;
    const double below = loss(problem, splats);
    return (above - below) / (2.0 * kStep);
}

}  // namespace

TEST_CASE("the sampled gradient is the slope of the sampled loss", "[adapt][gradient]") {
    const hsa::CovarianceKind kind =
        GENERATE(hsa::CovarianceKind::spherical, hsa::CovarianceKind::diagonal);
    const Matrix<float> x = adapt_test::clusters(120, adapt_test::directions(4, 3, 5), 4, 1, 0.3);
    const hsa::Target target(x, 0.5);
    const Problem problem = make_problem(target, x);
    const LevelSplats splats = make_splats(kind);
    const auto backend = adapt_test::cpu();
    const Matrix<float> x_rows = hsa::gather_rows(x.view(), problem.rows);
    const hsa::LevelGradient gradient =
        hsa::sampled_gradient(*backend, splats, 1.0, problem.background, x.view(), 0.0,
                              x_rows.view(), problem.t.view(), problem.weight);
    CHECK(gradient.loss == Approx(loss(problem, splats)).epsilon(1e-5));
    const auto plus = [](float v, double h) {
        return static_cast<float>(static_cast<double>(v) + h);
    };
    for (std::size_t s = 0; s < splats.size(); ++s) {
        CAPTURE(s);
        for (std::size_t a = 0; a < 3; ++a)
            CHECK(
                gradient.centre(s, a) ==
                Approx(slope(
                           problem, splats, [&](LevelSplats& l) { return &l.centre(s, a); }, plus))
                    .margin(2e-4));
        CHECK(gradient.log_weight[s] ==
              Approx(slope(
                         problem, splats, [&](LevelSplats& l) { return &l.log_weight[s]; }, plus))
                  .margin(2e-4));
        // d ln precision: the variance falls by the factor exp(h); a spherical splat moves all
        // axes.
        if (kind == hsa::CovarianceKind::diagonal) {
            for (std::size_t a = 0; a < 3; ++a)
                CHECK(gradient.log_precision(s, a) ==
                      Approx(slope(
                                 problem, splats, [&](LevelSplats& l) { return &l.variance(s, a); },
                                 [](float v, double h) {
                                     return static_cast<float>(static_cast<double>(v) *
                                                               std::exp(-h));
                                 }))
                          .margin(2e-4));
        } else {
            CHECK(gradient.log_precision(s, 0) ==
                  Approx(slope(
                             problem, splats, [&](LevelSplats& l) { return &l.beta[s]; },
                             [](float v, double h) {
                                 return static_cast<float>(static_cast<double>(v) * std::exp(h));
                             }))
                      .margin(2e-4));
        }
    }
}

TEST_CASE("a level without a background leaves all weights together free", "[adapt][gradient]") {
    const Matrix<float> x = adapt_test::clusters(120, adapt_test::directions(4, 3, 5), 4, 1, 0.3);
    const hsa::Target target(x, 0.5);
    Problem problem = make_problem(target, x);
    problem.background = -std::numeric_limits<double>::infinity();
    const auto backend = adapt_test::cpu();
    const Matrix<float> x_rows = hsa::gather_rows(x.view(), problem.rows);
    const hsa::LevelGradient gradient = hsa::sampled_gradient(
        *backend, make_splats(hsa::CovarianceKind::spherical), 1.0, problem.background, x.view(),
        0.0, x_rows.view(), problem.t.view(), problem.weight);
    double sum = 0.0;
    for (const double g : gradient.log_weight) sum += g;
    CHECK(std::abs(sum) < 1e-6);
}

TEST_CASE("temperature and beta enter the gradient as their quotient", "[adapt][gradient]") {
    const Matrix<float> x = adapt_test::clusters(120, adapt_test::directions(4, 3, 5), 4, 1, 0.3);
    const hsa::Target target(x, 0.5);
    const Problem problem = make_problem(target, x);
    const auto backend = adapt_test::cpu();
    const Matrix<float> x_rows = hsa::gather_rows(x.view(), problem.rows);
    const LevelSplats splats = make_splats(hsa::CovarianceKind::diagonal);
    LevelSplats hot = splats;
    for (float& beta : hot.beta) beta *= 2.0F;
    const auto gradient = [&](const LevelSplats& s, double temperature) {
        return hsa::sampled_gradient(*backend, s, temperature, problem.background, x.view(), 0.0,
                                     x_rows.view(), problem.t.view(), problem.weight);
    };
    const hsa::LevelGradient a = gradient(splats, 1.0);
    const hsa::LevelGradient b = gradient(hot, 2.0);
    CHECK(a.loss == Approx(b.loss).epsilon(1e-6));
    for (std::size_t e = 0; e < a.centre.size(); ++e)
        CHECK(a.centre.data()[e] == Approx(b.centre.data()[e]).margin(1e-6));
}

TEST_CASE("a splat without a slope stays where it is", "[adapt][gradient]") {
    hsa::Splat one;
    one.centre = {1.0F, 2.0F};
    one.variance = {1.0F, 1.0F};
    hsa::LevelSplats splats = hsa::level_splats(std::vector<hsa::Splat>{one, one});
    splats.id = {0, 1};
    hsa::LevelGradient gradient;
    gradient.centre = hsa::Matrix<double>(2, 2, 0.5);
    gradient.log_precision = hsa::Matrix<double>(2, 1, 0.5);
    gradient.log_weight = {0.5, 0.5};
    gradient.log_precision(1, 0) = std::nan("");
    std::map<hsa::SplatId, hsa::AdamMoments> moments;
    const hsa::StepScale scale{{1.0, 1.0}};
    hsa::adam_step(gradient, 0.1, scale, moments, splats);
    CHECK(splats.centre(0, 0) < 1.0F);
    CHECK(splats.centre(1, 0) == 1.0F);
    CHECK(splats.variance(1, 0) == 1.0F);
    CHECK(moments.count(1) == 0);
    hsa::AdamMoments common;
    gradient.log_weight[1] = std::nan("");
    const float before = splats.log_weight[0];
    hsa::shift_weights(gradient, 0.1, common, splats);
    CHECK(splats.log_weight[0] == before);
}
