#include "engine/fit/fit.h"

#include "engine/attention/near_factors.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"
#include "engine/fit/closed_form.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"
#include "tests/unit/engine/fit/heads.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using hsa::Matrix;

namespace {

// The mean KL of the exact rows from 1 / n.
double uniform_kl(const hsa::ExactRows& exact) {
    double kl = 0.0;
    for (std::size_t e = 0; e < exact.target.size(); ++e) {
        const auto t = static_cast<double>(exact.target.data()[e]);
        if (t > 0.0) kl += t * std::log(t * static_cast<double>(exact.target.cols()));
    }
    return kl / static_cast<double>(exact.rows.size());
}

hsa::ExactRows all_rows(const hsa::Head& head) {
    return hsa::exact_rows(head, hsa::fit_rows(head.tokens(), false, 1).free);
}

}  // namespace

TEST_CASE("a fit from k-means recovers the attention of three splats", "[fit][heads]") {
    // Queries and keys near three centres; the target is A of three splats, no background.
    const std::size_t n = 240;
    reference::Case truth;
    truth.registry.hierarchy.levels = {{"Token", 1.0}};
    truth.registry.dimension = 4;
    truth.registry.form = hsa::Form::shared;
    truth.registry.kappa = 0.5;
    for (std::size_t s = 0; s < 3; ++s) {
        hsa::Random random({50, s});
        hsa::Splat splat;
        splat.kind = hsa::CovarianceKind::diagonal;
        for (std::size_t a = 0; a < 4; ++a) {
            splat.centre.push_back(static_cast<float>(1.6 * random.normal()));
            splat.variance.push_back(static_cast<float>(0.8 + 0.6 * random.uniform()));
        }
        splat.log_amplitude = static_cast<float>(0.3 * random.normal());
        truth.registry.add(splat);
    }
    const auto draw = [&](std::uint64_t side) {
        Matrix<float> rows(n, 4);
        for (std::size_t i = 0; i < n; ++i) {
            hsa::Random random({51, side, i});
            const auto centre = truth.registry.gaussians.centre.row(random.below(3));
            for (std::size_t a = 0; a < 4; ++a)
                rows(i, a) = centre[a] + static_cast<float>(0.7 * random.normal());
        }
        return rows;
    };
    truth.set_rows(draw(0));
    truth.coordinates.queries = std::make_shared<const Matrix<float>>(draw(1));
    const Matrix<double> a = truth.attention().a;
    Matrix<float> attention(n, n);
    for (std::size_t e = 0; e < a.size(); ++e)
        attention.data()[e] = static_cast<float>(a.data()[e]);
    const hsa::Target target(attention);
    const hsa::Head head{truth.coordinates, target, {}};
    hsa::FitOptions options;
    options.start.splats = 3;
    options.steps = 600;
    const hsa::Fit fit = hsa::fit(*reference::cpu(), head, options, {});
    CHECK(fit.registry.size() == 3);
    CHECK(fit.report.start.loss.kl > 0.02);
    CHECK(fit.report.reached.loss.kl < 1e-3);
    CHECK(!fit.report.on_drawn);
    hsa::check_invariants(fit.registry);
}

TEST_CASE("the closed form is far from uniform and close to the head", "[fit][heads]") {
    for (const double sharpness : {1.0, 2.0, 4.0}) {
        INFO("sharpness " << sharpness);
        const TestHead made = clustered_head(400, 16, 12, sharpness, 60);
        const hsa::Head head = made.view();
        const hsa::ExactRows exact = all_rows(head);
        hsa::StartOptions options;
        options.splats = 24;
        const hsa::SplatRegistry registry = hsa::closed_form(
            *reference::cpu(), head, hsa::exact_rows(head, {0, 50, 120, 333, 399}), options, {});
        hsa::check_invariants(registry);
        CHECK(registry.form == hsa::Form::paired);
        CHECK(registry.kappa == 0.0);
        REQUIRE(registry.query_quadratic.size() == 16);
        const double kl = hsa::measure_fit(*reference::cpu(), registry, head, exact, {}).loss.kl;
        CHECK(kl < 0.2 * uniform_kl(exact));
    }
}

TEST_CASE("the background of a start has its small share", "[fit][heads]") {
    const TestHead made = clustered_head(300, 8, 10, 2.0, 61);
    const hsa::Head head = made.view();
    const hsa::ExactRows exact = all_rows(head);
    for (const bool paired : {false, true}) {
        hsa::StartOptions options;
        options.splats = 16;
        const hsa::SplatRegistry registry =
            paired ? hsa::closed_form(*reference::cpu(), head, exact, options, {})
                   : hsa::shared_start(*reference::cpu(), head, exact, options, {});
        hsa::check_invariants(registry);
        const hsa::Factors factors =
            hsa::compute_factors(*reference::cpu(), registry, head.coordinates, {}, {});
        double share = 0.0;
        for (std::size_t i = 0; i < factors.tokens(); ++i)
            share += static_cast<double>(factors.p(i, factors.columns() - 1)) /
                     static_cast<double>(factors.tokens());
        CHECK(share == Approx(1e-3).epsilon(1e-3));
    }
}

TEST_CASE("a fit lowers its loss on rows it never drew", "[fit][heads]") {
    const TestHead made = clustered_head(500, 16, 20, 3.0, 62);
    const hsa::Head head = made.view();
    for (const hsa::Form form : {hsa::Form::shared, hsa::Form::paired}) {
        INFO(hsa::name_of(form));
        hsa::FitOptions options;
        options.form = form;
        options.start.splats = 32;
        const hsa::Fit fit = hsa::fit(*reference::cpu(), head, options, {});
        hsa::check_invariants(fit.registry);
        CHECK(fit.registry.form == form);
        CHECK(fit.report.reached.loss.kl < fit.report.start.loss.kl);
        if (form == hsa::Form::shared) {  // the closed form leaves less to gain
            CHECK(fit.report.reached.loss.kl < 0.5 * fit.report.start.loss.kl);
            CHECK(fit.report.reached.output_error() < 0.6 * fit.report.start.output_error());
        }
        CHECK(fit.report.reached.rows == 125);
        CHECK(fit.report.steps > 0);
        CHECK(fit.report.stop_loss.size() >= 2);
        CHECK(*std::min_element(fit.report.stop_loss.begin(), fit.report.stop_loss.end()) <
              fit.report.stop_loss.front());
        // What is reported is what anybody can measure.
        const hsa::FitRows rows = hsa::fit_rows(500, true, options.start.seed);
        CHECK(hsa::measure_fit(*reference::cpu(), fit.registry, head,
                               hsa::exact_rows(head, rows.report), {})
                  .loss.kl == fit.report.reached.loss.kl);
    }
}

TEST_CASE("splats beside a near set are fitted to what it leaves", "[fit][near]") {
    const TestHead made = clustered_head(400, 16, 12, 4.0, 67);
    const hsa::Head head = made.view();
    for (const hsa::Form form : {hsa::Form::shared, hsa::Form::paired}) {
        INFO(hsa::name_of(form));
        hsa::FitOptions options;
        options.form = form;
        options.start.splats = 16;
        options.steps = 60;
        const hsa::Fit plain = hsa::fit(*reference::cpu(), head, options, {});
        options.near = {2, 1, 16, 2, false};
        const hsa::Fit fit = hsa::fit(*reference::cpu(), head, options, {});
        hsa::check_invariants(fit.registry);
        REQUIRE(fit.registry.offset);
        CHECK(fit.registry.fitted_with == hsa::FittedWith{2, 2, 1, 16, 1.0, false});
        CHECK(fit.registry.kappa_query.has_value() == (form == hsa::Form::shared));
        CHECK(fit.report.reached.loss.kl < 0.7 * plain.report.reached.loss.kl);
        CHECK(fit.report.reached.loss.kl < fit.report.start.loss.kl);

        // What is reported is the KL of the rows that anybody can ask for.
        const hsa::Factors near = hsa::near_factors(
            fit.registry, head.coordinates, head.target,
            hsa::compute_factors(*reference::cpu(), fit.registry, head.coordinates, {}, {}),
            options.near, {});
        const hsa::ExactRows exact =
            hsa::exact_rows(head, hsa::fit_rows(400, true, options.start.seed).report);
        Matrix<float> a(exact.rows.size(), 400);
        hsa::attention_rows(near, exact.rows, {}, a.view());
        double kl = 0.0;
        for (std::size_t e = 0; e < a.size(); ++e) {
            const auto t = static_cast<double>(exact.target.data()[e]);
            if (t > 0.0)
                kl += t * std::log(t / static_cast<double>(a.data()[e])) /
                      static_cast<double>(exact.rows.size());
        }
        CHECK(kl == Approx(fit.report.reached.loss.kl).epsilon(1e-3));
    }
}

TEST_CASE("a fit repeats its bits, whatever the threads", "[fit][heads][plain]") {
    const TestHead made = clustered_head(1500, 8, 12, 2.0, 63);
    const hsa::Head head = made.view();
    for (const hsa::Form form : {hsa::Form::shared, hsa::Form::paired}) {
        hsa::FitOptions options;
        options.form = form;
        if (form == hsa::Form::paired) options.near = {1, 1, 8, 2, false};
        options.start.splats = 20;
        options.steps = 12;
        const auto run = [&](std::size_t threads, std::uint64_t seed) {
            const hsa::ThreadLimit limit(threads);
            options.start.seed = seed;
            return hsa::fit(*reference::cpu(), head, options, {}).registry;
        };
        const hsa::SplatRegistry first = run(1, 7);
        CHECK(hsa::same_bits(first, run(2, 7)));
        CHECK(hsa::same_bits(first, run(0, 7)));
        CHECK(!hsa::same_bits(first, run(1, 8)));
    }
}

TEST_CASE("heads of a few or of equal tokens are fitted too", "[fit][heads]") {
    for (const std::size_t n : {1U, 2U, 3U, 63U}) {
        INFO(n << " tokens");
        const TestHead made = clustered_head(n, 4, 2, 1.0, 64);
        for (const hsa::Form form : {hsa::Form::shared, hsa::Form::paired}) {
            hsa::FitOptions options;
            options.form = form;
            options.steps = 5;
            const hsa::Fit fit = hsa::fit(*reference::cpu(), made.view(), options, {});
            hsa::check_invariants(fit.registry);
            CHECK(fit.report.on_drawn);
            CHECK(std::isfinite(fit.report.reached.loss.kl));
        }
    }
    TestHead same = clustered_head(100, 4, 2, 1.0, 65);
    Matrix<float> keys(100, 4, 0.5F);
    same.coordinates.base = std::make_shared<const Matrix<float>>(keys);
    same.coordinates.levels = {same.coordinates.base};
    same.target =
        std::make_shared<const hsa::Target>(*same.coordinates.queries, std::move(keys), 1.0);
    for (const hsa::Form form : {hsa::Form::shared, hsa::Form::paired}) {
        hsa::FitOptions options;
        options.form = form;
        options.steps = 5;
        const hsa::Fit fit = hsa::fit(*reference::cpu(), same.view(), options, {});
        hsa::check_invariants(fit.registry);
        CHECK(fit.registry.size() == 1);
        CHECK(fit.report.reached.loss.kl < 1e-6);
    }
}

TEST_CASE("what a fit cannot do it says", "[fit][heads]") {
    const TestHead made = clustered_head(100, 4, 2, 1.0, 66);
    hsa::FitOptions options;
    options.form = hsa::Form::token;
    CHECK_THROWS_WITH(hsa::fit(*reference::cpu(), made.view(), options, {}),
                      Catch::Contains("shared and paired"));
    options.form = hsa::Form::shared;
    options.start.kind = hsa::CovarianceKind::full;
    CHECK_THROWS_WITH(hsa::fit(*reference::cpu(), made.view(), options, {}),
                      Catch::Contains("spherical and diagonal"));
}
