#include "engine/fit/loss.h"

#include "engine/fit/start.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <cmath>
#include <functional>

using hsa::Matrix;

namespace {

constexpr double kOutputWeight = 0.7;

// A head whose splats are a Case, so that the reference sees the same numbers.
struct Problem {
    reference::Case data;
    Matrix<float> values;
    std::shared_ptr<const hsa::Target> target;
    std::vector<std::uint32_t> rows;

    [[nodiscard]] hsa::Head head() const { return {data.coordinates, *target, values.view()}; }
};

Problem problem_of(hsa::Form form, hsa::CovarianceKind kind, bool background) {
    reference::Shape shape;
    shape.tokens = 40;
    shape.dimension = 3;
    shape.splats = {4};
    shape.kind = kind;
    shape.background = background;
    shape.form = form;
    Problem problem;
    problem.data = reference::random_case(shape, 41);
    problem.data.registry.kappa = form == hsa::Form::token ? 1.0 : 0.35;
    problem.values = Matrix<float>(shape.tokens, 2);
    for (std::size_t x = 0; x < problem.values.size(); ++x)
        problem.values.data()[x] = static_cast<float>(std::sin(0.9 * static_cast<double>(x)) + 0.3);
    const hsa::Coordinates& c = problem.data.coordinates;
    problem.target = std::make_shared<const hsa::Target>(
        c.queries ? *c.queries : Matrix<float>(*c.base), Matrix<float>(*c.base), 1.0);
    problem.rows = {1, 7, 8, 20, 39};
    return problem;
}

reference::Heads heads_of(const Problem& problem) {
    const reference::Case& data = problem.data;
    reference::Heads heads;
    heads.query = data.splats(hsa::Side::query);
    heads.key = data.splats(hsa::Side::key);
    heads.keys = data.blocks();
    heads.norms = reference::widened(*data.coordinates.base);
    const bool own = data.registry.form != hsa::Form::token && data.coordinates.queries != nullptr;
    heads.queries = own ? reference::widened(*data.coordinates.queries) : heads.norms;
    heads.kappa = data.registry.form == hsa::Form::token ? 0.0 : data.registry.kappa;
    return heads;
}

// The loss from the reference's A, by its definition.
double loss_of(const Problem& problem, const reference::Heads& heads,
               std::optional<double> background) {
    const Matrix<double> a = reference::attend_heads(heads, background).a;
    const hsa::ExactRows exact = hsa::exact_rows(problem.head(), problem.rows);
    double kl = 0.0;
    double missed = 0.0;
    double whole = 0.0;
    for (std::size_t r = 0; r < problem.rows.size(); ++r) {
        for (std::size_t j = 0; j < a.cols(); ++j) {
            const auto t = static_cast<double>(exact.target(r, j));
            kl += t * std::log(t / a(problem.rows[r], j));
        }
        for (std::size_t v = 0; v < problem.values.cols(); ++v) {
            double mine = 0.0;
            double wanted = 0.0;
            for (std::size_t j = 0; j < a.cols(); ++j) {
                const auto value = static_cast<double>(problem.values(j, v));
                mine += a(problem.rows[r], j) * value;
                wanted += static_cast<double>(exact.target(r, j)) * value;
            }
            missed += (mine - wanted) * (mine - wanted);
            whole += wanted * wanted;
        }
    }
    return kl / static_cast<double>(problem.rows.size()) + kOutputWeight * missed / whole;
}

// The central difference of the loss when `change` moves a parameter by h.
double slope_of(
    const Problem& problem,
    const std::function<void(double, reference::Heads&, std::optional<double>&)>& change) {
    constexpr double kStep = 1e-5;
    double ends[2];
    for (const int side : {0, 1}) {
        reference::Heads heads = heads_of(problem);
        std::optional<double> background = problem.data.registry.background_log_weight;
        change(side == 0 ? -kStep : kStep, heads, background);
        ends[side] = loss_of(problem, heads, background);
    }
    return (ends[1] - ends[0]) / (2.0 * kStep);
}

void scale_variance(reference::Splat& splat, std::size_t axis, bool all, double by) {
    for (std::size_t a = 0; a < splat.variance.size(); ++a)
        if (all || a == axis) splat.variance[a] *= std::exp(by);
}

}  // namespace

TEST_CASE("the gradient of a fit is that of the loss", "[fit][heads]") {
    const hsa::Form form = GENERATE(hsa::Form::token, hsa::Form::shared, hsa::Form::paired);
    const hsa::CovarianceKind kind =
        GENERATE(hsa::CovarianceKind::spherical, hsa::CovarianceKind::diagonal);
    const bool background = GENERATE(false, true);
    INFO(hsa::name_of(form) << ", " << hsa::name_of(kind) << (background ? ", background" : ""));
    Problem problem = problem_of(form, kind, background);
    if (form == hsa::Form::token) problem.data.coordinates.queries = nullptr;
    const hsa::SplatRegistry& registry = problem.data.registry;
    const hsa::FitGradient gradient =
        hsa::fit_gradient(*reference::cpu(), registry, problem.head(),
                          hsa::exact_rows(problem.head(), problem.rows), kOutputWeight, {});
    CHECK(
        gradient.loss.total(kOutputWeight) ==
        Approx(loss_of(problem, heads_of(problem), registry.background_log_weight)).epsilon(1e-5));

    const bool paired = form == hsa::Form::paired;
    using Heads = reference::Heads;
    using Background = std::optional<double>;
    const auto check = [&](double mine, const auto& change) {
        const double wanted = slope_of(problem, change);
        CHECK(mine == Approx(wanted).epsilon(2e-4).margin(2e-6));
    };
    const bool spherical = kind == hsa::CovarianceKind::spherical;
    for (std::size_t s = 0; s < registry.size(); ++s) {
        for (std::size_t a = 0; a < registry.dimension; ++a) {
            check(gradient.key.centre(s, a), [&](double h, Heads& heads, Background&) {
                heads.key[s].centre[a] += h;
                if (!paired) heads.query[s].centre[a] += h;
            });
            if (paired)
                check(gradient.query.centre(s, a),
                      [&](double h, Heads& heads, Background&) { heads.query[s].centre[a] += h; });
            if (spherical && a > 0) continue;
            check(-gradient.key.log_precision(s, a), [&](double h, Heads& heads, Background&) {
                scale_variance(heads.key[s], a, spherical, h);
                if (!paired) scale_variance(heads.query[s], a, spherical, h);
            });
            if (paired)
                check(-gradient.query.log_precision(s, a),
                      [&](double h, Heads& heads, Background&) {
                          scale_variance(heads.query[s], a, spherical, h);
                      });
        }
        check(gradient.log_beta[s], [&](double h, Heads& heads, Background&) {
            heads.key[s].beta *= std::exp(h);
            heads.query[s].beta *= std::exp(h);
        });
        check(gradient.log_weight[s],
              [&](double h, Heads& heads, Background&) { heads.key[s].log_weight += h; });
    }
    if (background)
        check(gradient.log_weight[registry.size()],
              [&](double h, Heads&, Background& of) { *of += h; });
    if (form != hsa::Form::token)
        check(gradient.kappa, [&](double h, Heads& heads, Background&) { heads.kappa += h; });
}

TEST_CASE("what a fit reaches is measured as it is defined", "[fit][heads]") {
    const Problem problem = problem_of(hsa::Form::shared, hsa::CovarianceKind::diagonal, true);
    const hsa::ExactRows exact = hsa::exact_rows(problem.head(), problem.rows);
    const hsa::FitMeasures measures =
        hsa::measure_fit(*reference::cpu(), problem.data.registry, problem.head(), exact, {});
    CHECK(measures.loss.total(kOutputWeight) ==
          Approx(loss_of(problem, heads_of(problem), problem.data.registry.background_log_weight))
              .epsilon(1e-5));
    CHECK(measures.output_error() == Approx(std::sqrt(measures.loss.output)));
    CHECK(measures.rows == problem.rows.size());
    // The eight strongest of each row, by hand.
    const Matrix<double> a = problem.data.attention().a;
    double share = 0.0;
    for (std::size_t r = 0; r < problem.rows.size(); ++r)
        for (std::size_t j = 0; j < a.cols(); ++j) {
            std::size_t stronger = 0;
            std::size_t wanted = 0;
            for (std::size_t other = 0; other < a.cols(); ++other) {
                stronger += a(problem.rows[r], other) > a(problem.rows[r], j) ? 1 : 0;
                wanted += exact.target(r, other) > exact.target(r, j) ? 1 : 0;
            }
            share += stronger < 8 && wanted < 8 ? 1.0 / 8.0 : 0.0;
        }
    CHECK(measures.top_overlap == Approx(share / static_cast<double>(problem.rows.size())));
}

TEST_CASE("rows of a fit: who sees which", "[fit]") {
    const hsa::FitRows sets = hsa::fit_rows(1000, true, 5);
    CHECK(!sets.shared);
    CHECK(sets.report.size() == 250);
    CHECK(sets.stop.size() == 64);
    std::vector<int> seen(1000, 0);
    for (const auto* set : {&sets.report, &sets.stop, &sets.free})
        for (const std::uint32_t row : *set) ++seen[row];
    CHECK(std::count(seen.begin(), seen.end(), 1) == 1000);
    CHECK(hsa::fit_rows(1000, true, 5).report == sets.report);
    CHECK(hsa::fit_rows(1000, true, 6).report != sets.report);
    CHECK(hsa::fit_rows(63, true, 5).shared);
    CHECK(hsa::fit_rows(1000, false, 5).free.size() == 1000);

    // Eleven steps of 64 draw each of the 686 free rows once before any again, but for two that
    // the epochs' meeting may leave out.
    std::vector<int> drawn(1000, 0);
    for (std::size_t step = 0; step < 10; ++step)
        for (const std::uint32_t row : hsa::rows_of_step(sets.free, 64, 5, step)) ++drawn[row];
    CHECK(std::count(drawn.begin(), drawn.end(), 1) == 640);
    for (const std::uint32_t row : sets.report) CHECK(drawn[row] == 0);
    CHECK(hsa::rows_of_step(sets.free, 64, 5, 3) == hsa::rows_of_step(sets.free, 64, 5, 3));
    CHECK(hsa::rows_of_step(sets.free, 5000, 5, 3) == sets.free);
    for (std::size_t step = 0; step < 40; ++step) {
        const std::vector<std::uint32_t> rows = hsa::rows_of_step(sets.free, 64, 5, step);
        CHECK(rows.size() == 64);
        CHECK(std::adjacent_find(rows.begin(), rows.end(), std::greater_equal<>()) == rows.end());
    }
}
