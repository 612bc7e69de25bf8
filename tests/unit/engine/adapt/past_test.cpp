#include "engine/adapt/past.h"

#include "engine/adapt/cycle_context.h"
#include "engine/adapt/gradient.h"
#include "engine/adapt/level_pool.h"
#include "engine/adapt/measures.h"
#include "engine/adapt/trial_rows.h"
#include "engine/attention/cells.h"
#include "engine/attention/factors.h"
#include "engine/core/parallel.h"
#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

using adapt_test::Lab;
using hsa::LevelSplats;
using hsa::Matrix;

namespace {

// Eight clusters, one splat each, tokens in a shuffled order, every row blind to what follows.
struct Bench {
    std::vector<std::vector<double>> around = adapt_test::directions(8, 6, 11);
    Lab lab;
    hsa::SplatRegistry registry;

    explicit Bench(std::size_t splats = 8, std::size_t tokens = 640) {
        const Matrix<float> x = adapt_test::clusters(tokens, around, 8, 12);
        lab.data = adapt_test::data_of(x);
        lab.data.target = std::make_shared<const hsa::Target>(x, 1.0, true);
        std::vector<hsa::Splat> made;
        for (std::size_t s = 0; s < splats; ++s) made.push_back(adapt_test::splat_at(around[s]));
        registry = adapt_test::registry_of(made);
    }
    [[nodiscard]] hsa::AdaptInput input() const {
        hsa::AdaptInput input = lab.input();
        input.causal = true;
        return input;
    }
};

// Causal A of one level, KL(T | A) over the rows, straight from maths.md 2 in double.
double loss(const Matrix<float>& x, const std::vector<std::uint32_t>& rows, const Matrix<float>& t,
            double background, const LevelSplats& splats) {
    const std::size_t k = splats.size();
    const auto ell = [&](std::size_t i, std::size_t s) {
        double m = 0.0;
        for (std::size_t a = 0; a < x.cols(); ++a) {
            const double delta =
                static_cast<double>(x(i, a)) - static_cast<double>(splats.centre(s, a));
            m += delta * delta / static_cast<double>(splats.variance(s, a));
        }
        return -0.5 * static_cast<double>(splats.beta[s]) * m;
    };
    double total = 0.0;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const std::size_t i = rows[r];
        std::vector<double> cell(i + 1, std::exp(background));  // S_ij
        for (std::size_t s = 0; s < k; ++s) {
            const double query = std::exp(static_cast<double>(splats.log_weight[s]) + ell(i, s));
            for (std::size_t j = 0; j <= i; ++j) cell[j] += query * std::exp(ell(j, s));
        }
        const double sum = std::accumulate(cell.begin(), cell.end(), 0.0);
        for (std::size_t j = 0; j <= i; ++j) {
            const auto wanted = static_cast<double>(t(r, j));
            if (wanted > 0.0) total += wanted * std::log(wanted / (cell[j] / sum));
        }
    }
    return total / static_cast<double>(rows.size());
}

}  // namespace

TEST_CASE("the causal gradient is the slope of the causal loss", "[adapt][causal]") {
    const auto around = adapt_test::directions(4, 3, 5);
    const Matrix<float> x = adapt_test::clusters(120, around, 4, 3, 0.5);
    const hsa::Target target(x, 0.4, true);
    std::vector<std::uint32_t> rows;
    std::vector<std::size_t> seen;
    for (std::uint32_t row = 2; row < 120; row += 9) {
        rows.push_back(row);
        seen.push_back(row + 1);
    }
    Matrix<float> t(rows.size(), 120);
    target.rows(rows, t.view());
    std::vector<hsa::Splat> made;
    for (std::size_t s = 0; s < 4; ++s) {
        hsa::Splat splat = adapt_test::splat_at(around[s], 0.5 + 0.2 * static_cast<double>(s));
        splat.id = static_cast<hsa::SplatId>(s);
        splat.kind = hsa::CovarianceKind::diagonal;
        splat.log_amplitude = 0.3F * static_cast<float>(s);
        made.push_back(splat);
    }
    const LevelSplats splats = hsa::level_splats(made);
    const double background = -5.0;
    const auto backend = adapt_test::cpu();
    const std::vector<double> weight(rows.size(), 1.0 / static_cast<double>(rows.size()));
    const hsa::LevelGradient gradient =
        hsa::sampled_gradient(*backend, splats, 1.0, background + std::log(120.0), x.view(), 0.0,
                              hsa::gather_rows(x.view(), rows).view(), t.view(), weight, seen);
    CHECK(gradient.loss == Approx(loss(x, rows, t, background, splats)).epsilon(1e-4));
    constexpr double kStep = 1e-3;
    const auto slope = [&](const std::function<void(LevelSplats&, double)>& move) {
        LevelSplats up = splats;
        LevelSplats down = splats;
        move(up, kStep);
        move(down, -kStep);
        return (loss(x, rows, t, background, up) - loss(x, rows, t, background, down)) /
               (2.0 * kStep);
    };
    for (std::size_t s = 0; s < 4; ++s) {
        CHECK(gradient.log_weight[s] == Approx(slope([&](LevelSplats& moved, double by) {
                                            moved.log_weight[s] += static_cast<float>(by);
                                        }))
                                            .epsilon(2e-3)
                                            .margin(2e-5));
        for (std::size_t a = 0; a < 3; ++a) {
            CHECK(gradient.centre(s, a) == Approx(slope([&](LevelSplats& moved, double by) {
                                               moved.centre(s, a) += static_cast<float>(by);
                                           }))
                                               .epsilon(2e-3)
                                               .margin(2e-5));
            CHECK(gradient.log_precision(s, a) == Approx(slope([&](LevelSplats& moved, double by) {
                                                      moved.variance(s, a) *=
                                                          static_cast<float>(std::exp(-by));
                                                  }))
                                                      .epsilon(2e-3)
                                                      .margin(2e-5));
        }
    }
}

TEST_CASE("a causal trial adds up to the level's attention", "[adapt][causal]") {
    const Bench bench;
    const auto input = bench.input();
    const hsa::CycleContext context(*bench.lab.backend, input, bench.registry, 1, {});
    const hsa::Pool pool = hsa::draw_pool(context);
    const hsa::LevelPool level = hsa::measure_level(context, pool, bench.registry, 0);
    CHECK(level.queries.seen.size() == pool.rows.size());
    for (std::size_t r = 0; r < 20; ++r) {
        const std::vector<std::uint32_t> row = {pool.rows[r]};
        Matrix<float> t(1, 640);
        bench.lab.data.target->rows(row, t.view());
        CHECK(level.row_kl[r] ==
              Approx(loss(*bench.lab.data.coordinates.levels[0], row, t, -6.0, level.splats))
                  .epsilon(1e-3)
                  .margin(1e-4));
    }
    std::vector<hsa::DrawnRow> drawn;
    for (std::size_t p = 0; p < pool.rows.size(); ++p) drawn.push_back({p, 1, 1.0});
    const std::array<std::size_t, 2> touched{2, 5};
    const hsa::TrialRows rows(context, pool, level, touched, drawn);
    const std::vector<double> as_is = rows.divergences(rows.as_is());
    const std::vector<hsa::Splat> same = {bench.registry.splat(2), bench.registry.splat(5)};
    const std::vector<double> again = rows.divergences(rows.mix(context, hsa::level_splats(same)));
    for (std::size_t r = 0; r < as_is.size(); ++r) {
        CHECK(as_is[r] == Approx(level.row_kl[r]).margin(2e-5));
        CHECK(again[r] == Approx(as_is[r]).margin(2e-5));
    }
    // A step along the gradient lowers the loss.
    hsa::LevelSplats stepped = hsa::level_splats(same);
    const hsa::LevelGradient gradient = rows.gradient(context, stepped);
    CHECK(gradient.loss == Approx(rows.loss(rows.mix(context, stepped))).epsilon(1e-5));
    for (std::size_t s = 0; s < 2; ++s)
        for (std::size_t a = 0; a < 6; ++a)
            stepped.centre(s, a) -= static_cast<float>(0.01 * gradient.centre(s, a));
    CHECK(rows.loss(rows.mix(context, stepped)) < gradient.loss);
}

TEST_CASE("measures of causal attention are those of its rows", "[adapt][causal]") {
    const Bench bench;
    hsa::FactorOptions options;
    options.causal = true;
    const hsa::Factors factors = hsa::compute_factors(*bench.lab.backend, bench.registry,
                                                      bench.lab.data.coordinates, options, {});
    const hsa::MeasureOptions measure_options{1, 128, {}, 1.0};
    const hsa::Measures measures =
        hsa::measure(factors, bench.registry, *bench.lab.backend, bench.lab.data.coordinates,
                     bench.lab.data.target.get(), measure_options, {});
    const hsa::RowSets sets = hsa::row_sets(640, 128, 1);
    Matrix<float> a(sets.report.size(), 640);
    Matrix<float> t(sets.report.size(), 640);
    hsa::attention_rows(factors, sets.report, {}, a.view());
    bench.lab.data.target->rows(sets.report, t.view());
    double kl = 0.0;
    double entropy = 0.0;
    double reference = 0.0;
    for (std::size_t r = 0; r < a.rows(); ++r)
        for (std::size_t j = 0; j <= sets.report[r]; ++j) {
            const auto p = static_cast<double>(a(r, j));
            const auto wanted = static_cast<double>(t(r, j));
            if (wanted > 0.0) {
                kl += wanted * std::log(wanted / p);
                reference += wanted * std::log(wanted * static_cast<double>(sets.report[r] + 1));
            }
            if (p > 0.0) entropy -= p * std::log(p);
        }
    const auto rows = static_cast<double>(a.rows());
    REQUIRE(measures.row_kl);
    CHECK(*measures.row_kl == Approx(kl / rows).epsilon(1e-4));
    CHECK(*measures.reference_kl == Approx(reference / rows).epsilon(1e-4));
    CHECK(measures.row_entropy_mean == Approx(entropy / rows).epsilon(1e-4));
    CHECK(measures.levels[0].row_kl.value() == Approx(*measures.row_kl).epsilon(1e-4));
}

TEST_CASE("causal cycles lower the causal row-KL, the same for one thread", "[adapt][causal]") {
    const Bench bench(3);
    const auto input = bench.input();
    const auto registry = std::make_shared<const hsa::SplatRegistry>(bench.registry);
    const auto run = [&] {
        hsa::CycleResult result = hsa::begin_adaptation(*bench.lab.backend, input, registry, {});
        const double before = result.measures.row_kl;
        for (int cycle = 0; cycle < 6; ++cycle)
            result = hsa::adapt_cycle(*bench.lab.backend, input, result.state, {});
        CHECK(result.measures.row_kl < 0.7 * before);
        return hsa::hash_registry(*result.state.registry);
    };
    const std::uint64_t many = run();
    const hsa::ThreadLimit limit(1);
    CHECK(run() == many);
}

TEST_CASE("what a row reaches when columns come in pieces", "[adapt][causal]") {
    Matrix<float> k(2500, 3);
    for (std::size_t j = 0; j < k.rows(); ++j)
        for (std::size_t s = 0; s < 3; ++s)
            k(j, s) = static_cast<float>((j * (s + 2)) % 17) / 16.0F;
    const std::vector<std::size_t> seen = {2500, 0, 1, 1024, 1025, 777, 1024, 2048, 1};
    const Matrix<double> reached = hsa::reached_keys(k.view(), seen);
    for (std::size_t r = 0; r < seen.size(); ++r)
        for (std::size_t s = 0; s < 3; ++s) {
            double sum = 0.0;
            for (std::size_t j = 0; j < seen[r]; ++j) sum += static_cast<double>(k(j, s));
            CHECK(reached(r, s) == Approx(sum).epsilon(1e-12));
        }
}
