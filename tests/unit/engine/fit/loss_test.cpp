#include "engine/fit/loss.h"

#include "engine/attention/factors.h"
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
    hsa::NearOptions near;

    [[nodiscard]] hsa::Head head() const {
        return hsa::with_near({data.coordinates, *target, values.view()}, near);
    }
};

Problem problem_of(hsa::Form form, hsa::CovarianceKind kind, bool background,
                   const hsa::NearOptions& near = {}) {
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
        c.queries ? *c.queries : Matrix<float>(*c.base), Matrix<float>(*c.base), 1.0, near.causal);
    problem.rows = {1, 7, 8, 20, 39};
    problem.near = near;
    return problem;
}

// Everything that the loss depends on, in double.
struct Point {
    reference::Heads heads;
    std::optional<double> background;
    double offset = 0.0;
    double kappa_query = 0.0;  // or what is added to all of query_quadratic
    reference::Near near;      // log_extra is made of the two above
};

// The near sets of the rows as the engine has them, which the loss holds.
reference::Near near_of(const Problem& problem) {
    const reference::Case& data = problem.data;
    const std::size_t n = data.tokens();
    const hsa::Head head = problem.head();
    const hsa::NearSet set =
        hsa::near_set(hsa::compute_factors_of_queries(*reference::cpu(), data.registry,
                                                      data.coordinates, problem.rows, {}, {}),
                      problem.rows, head.near, head.anchors);
    reference::Near near;
    near.causal = problem.near.causal;
    near.inside.assign(n, std::vector<bool>(n, false));
    near.score = Matrix<double>(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            near.score(i, j) = static_cast<double>(problem.target->score(i, j));
    for (std::size_t r = 0; r < problem.rows.size(); ++r)
        for (const std::uint32_t j : set.row(r)) near.inside[problem.rows[r]][j] = true;
    return near;
}

Point point_of(const Problem& problem) {
    const reference::Case& data = problem.data;
    Point point;
    point.heads.query = data.splats(hsa::Side::query);
    point.heads.key = data.splats(hsa::Side::key);
    point.heads.keys = data.blocks();
    point.heads.norms = reference::widened(*data.coordinates.base);
    const bool own = data.registry.form != hsa::Form::token && data.coordinates.queries != nullptr;
    point.heads.queries = own ? reference::widened(*data.coordinates.queries) : point.heads.norms;
    point.heads.kappa = data.registry.form == hsa::Form::token ? 0.0 : data.registry.kappa;
    point.background = data.registry.background_log_weight;
    if (!problem.near.any()) return point;
    point.offset = data.registry.offset.value_or(0.0);
    point.kappa_query = data.registry.kappa_query.value_or(0.0);
    point.near = near_of(problem);
    return point;
}

Matrix<double> attention_at(const Problem& problem, const Point& point) {
    if (!problem.near.any()) return reference::attend_heads(point.heads, point.background).a;
    reference::Near near = point.near;
    const std::vector<double>& quadratic = problem.data.registry.query_quadratic;
    for (std::size_t i = 0; i < point.heads.queries.rows(); ++i) {
        near.log_extra.push_back(point.offset);
        for (std::size_t a = 0; a < point.heads.queries.cols(); ++a)
            near.log_extra[i] += 0.5 *
                                 (point.kappa_query + (quadratic.empty() ? 0.0 : quadratic[a])) *
                                 point.heads.queries(i, a) * point.heads.queries(i, a);
    }
    return reference::near_and_far(point.heads, point.background, near);
}

// The loss from the reference's A, by its definition.
double loss_of(const Problem& problem, const Point& point) {
    const Matrix<double> a = attention_at(problem, point);
    const hsa::ExactRows exact = hsa::exact_rows(problem.head(), problem.rows);
    double kl = 0.0;
    double missed = 0.0;
    double whole = 0.0;
    for (std::size_t r = 0; r < problem.rows.size(); ++r) {
        for (std::size_t j = 0; j < a.cols(); ++j) {
            const auto t = static_cast<double>(exact.target(r, j));
            if (t > 0.0) kl += t * std::log(t / a(problem.rows[r], j));
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
double slope_of(const Problem& problem, const Point& at,
                const std::function<void(double, Point&)>& change) {
    constexpr double kStep = 1e-5;
    double ends[2];
    for (const int side : {0, 1}) {
        Point point = at;
        change(side == 0 ? -kStep : kStep, point);
        ends[side] = loss_of(problem, point);
    }
    return (ends[1] - ends[0]) / (2.0 * kStep);
}

void scale_variance(reference::Splat& splat, std::size_t axis, bool all, double by) {
    for (std::size_t a = 0; a < splat.variance.size(); ++a)
        if (all || a == axis) splat.variance[a] *= std::exp(by);
}

}  // namespace

namespace {

// Every slope of the engine's gradient against the loss's differences.
void check_gradient(const Problem& problem) {
    const hsa::SplatRegistry& registry = problem.data.registry;
    const hsa::FitGradient gradient =
        hsa::fit_gradient(*reference::cpu(), registry, problem.head(),
                          hsa::exact_rows(problem.head(), problem.rows), kOutputWeight, {});
    const Point at = point_of(problem);
    CHECK(gradient.loss.total(kOutputWeight) == Approx(loss_of(problem, at)).epsilon(1e-5));

    const bool paired = registry.form == hsa::Form::paired;
    const auto check = [&](double mine, const auto& change) {
        const double wanted = slope_of(problem, at, change);
        CHECK(mine == Approx(wanted).epsilon(2e-4).margin(2e-6));
    };
    const bool spherical = registry.gaussians.kind.front() == hsa::CovarianceKind::spherical;
    for (std::size_t s = 0; s < registry.size(); ++s) {
        for (std::size_t a = 0; a < registry.dimension; ++a) {
            check(gradient.key.centre(s, a), [&](double h, Point& point) {
                point.heads.key[s].centre[a] += h;
                if (!paired) point.heads.query[s].centre[a] += h;
            });
            if (paired)
                check(gradient.query.centre(s, a),
                      [&](double h, Point& point) { point.heads.query[s].centre[a] += h; });
            if (spherical && a > 0) continue;
            check(-gradient.key.log_precision(s, a), [&](double h, Point& point) {
                scale_variance(point.heads.key[s], a, spherical, h);
                if (!paired) scale_variance(point.heads.query[s], a, spherical, h);
            });
            if (paired)
                check(-gradient.query.log_precision(s, a), [&](double h, Point& point) {
                    scale_variance(point.heads.query[s], a, spherical, h);
                });
        }
        check(gradient.log_beta[s], [&](double h, Point& point) {
            point.heads.key[s].beta *= std::exp(h);
            point.heads.query[s].beta *= std::exp(h);
        });
        check(gradient.log_weight[s],
              [&](double h, Point& point) { point.heads.key[s].log_weight += h; });
    }
    if (registry.background_log_weight)
        check(gradient.log_weight[registry.size()],
              [&](double h, Point& point) { *point.background += h; });
    if (registry.form != hsa::Form::token)
        check(gradient.kappa, [&](double h, Point& point) { point.heads.kappa += h; });
    check(gradient.offset, [&](double h, Point& point) { point.offset += h; });
    check(gradient.kappa_query, [&](double h, Point& point) { point.kappa_query += h; });
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
    check_gradient(problem);
}

TEST_CASE("the gradient of what a near set leaves is that of the loss", "[fit][near]") {
    const hsa::Form form = GENERATE(hsa::Form::shared, hsa::Form::paired);
    const hsa::NearOptions near =
        GENERATE(hsa::NearOptions{1, 1, 4, 2, false}, hsa::NearOptions{1, 1, 4, 2, true},
                 hsa::NearOptions{0, 0, 64, 0, true});
    INFO(hsa::name_of(form) << (near.causal ? ", causal" : "") << ", window " << near.window);
    Problem problem = problem_of(form, hsa::CovarianceKind::diagonal, true, near);
    problem.data.registry.offset = -0.3;
    if (form == hsa::Form::shared) problem.data.registry.kappa_query = 0.6;
    else problem.data.registry.query_quadratic = {0.3, 0.1, 0.5};
    check_gradient(problem);
}

TEST_CASE("what is all near leaves nothing to fit, what is none all", "[fit][near]") {
    for (const bool causal : {false, true}) {
        Problem problem = problem_of(hsa::Form::shared, hsa::CovarianceKind::diagonal, true,
                                     {40, 0, 64, 0, causal});
        const hsa::FitGradient gradient =
            hsa::fit_gradient(*reference::cpu(), problem.data.registry, problem.head(),
                              hsa::exact_rows(problem.head(), problem.rows), kOutputWeight, {});
        CHECK(std::abs(gradient.loss.total(kOutputWeight)) < 1e-6);
        CHECK(gradient.offset == 0.0);
        CHECK(gradient.kappa == 0.0);
        for (const double slope : gradient.log_weight) CHECK(slope == 0.0);
    }
    // Best splats of which no token is taken: near sets without a pair, and A = P K.
    Problem problem = problem_of(hsa::Form::paired, hsa::CovarianceKind::diagonal, true);
    const auto gradient_of = [&] {
        return hsa::fit_gradient(*reference::cpu(), problem.data.registry, problem.head(),
                                 hsa::exact_rows(problem.head(), problem.rows), kOutputWeight, {});
    };
    const hsa::FitGradient plain = gradient_of();
    problem.near = {0, 2, 0, 0, false};
    const hsa::FitGradient none = gradient_of();
    CHECK(none.loss.kl == Approx(plain.loss.kl).epsilon(1e-6));
    CHECK(none.kappa == Approx(plain.kappa).epsilon(1e-4).margin(1e-7));
    CHECK(none.offset == Approx(0.0).margin(1e-7));
    for (std::size_t s = 0; s < plain.log_weight.size(); ++s)
        CHECK(none.log_weight[s] == Approx(plain.log_weight[s]).epsilon(1e-4).margin(1e-7));
}

TEST_CASE("what a fit reaches is measured as it is defined", "[fit][heads]") {
    const Problem problem = problem_of(hsa::Form::shared, hsa::CovarianceKind::diagonal, true);
    const hsa::ExactRows exact = hsa::exact_rows(problem.head(), problem.rows);
    const hsa::FitMeasures measures =
        hsa::measure_fit(*reference::cpu(), problem.data.registry, problem.head(), exact, {});
    CHECK(measures.loss.total(kOutputWeight) ==
          Approx(loss_of(problem, point_of(problem))).epsilon(1e-5));
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
