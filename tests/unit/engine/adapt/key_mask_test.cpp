#include "engine/model/key_mask.h"

#include "engine/adapt/coverage.h"
#include "engine/adapt/cycle_context.h"
#include "engine/adapt/edits.h"
#include "engine/adapt/initialise.h"
#include "engine/adapt/level_pool.h"
#include "engine/adapt/measures.h"
#include "engine/adapt/trial_rows.h"
#include "engine/attention/cells.h"
#include "engine/attention/factors.h"
#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

using adapt_test::Lab;
using hsa::Matrix;

namespace {

// Eight clusters; a third of the tokens are padding, all at one place that no cluster is near, the
// first eight of them leading.
struct Bench {
    std::vector<std::vector<double>> around = adapt_test::directions(8, 6, 11);
    std::vector<std::uint32_t> masked;
    bool causal;
    Lab lab;
    hsa::SplatRegistry registry;

    explicit Bench(bool with_causal, std::size_t splats = 8, std::size_t tokens = 640)
        : causal(with_causal) {
        Matrix<float> x = adapt_test::clusters(tokens, around, 8, 12);
        for (std::uint32_t i = 0; i < tokens; ++i)
            if (i < 8 || i % 3 == 1) {
                masked.push_back(i);
                std::fill(x.row(i).begin(), x.row(i).end(), 1.7F);
            }
        lab.data = adapt_test::data_of(x);
        lab.data.coordinates.masked = masked;
        lab.data.target = std::make_shared<const hsa::Target>(x, 1.0, causal, masked);
        std::vector<hsa::Splat> made;
        for (std::size_t s = 0; s < splats; ++s) made.push_back(adapt_test::splat_at(around[s]));
        registry = adapt_test::registry_of(made);
    }
    [[nodiscard]] hsa::AdaptInput input() const {
        hsa::AdaptInput input = lab.input();
        input.causal = causal;
        return input;
    }
    [[nodiscard]] hsa::Factors factors_of(const hsa::SplatRegistry& some) const {
        hsa::FactorOptions options;
        options.causal = causal;
        return hsa::compute_factors(*lab.backend, some, lab.data.coordinates, options, {});
    }
    // KL(T | A) of rows, from the factors' own A.
    [[nodiscard]] std::vector<double> divergences(const hsa::Factors& factors,
                                                  const std::vector<std::uint32_t>& rows) const {
        Matrix<float> a(rows.size(), factors.tokens());
        Matrix<float> t(rows.size(), factors.tokens());
        hsa::attention_rows(factors, rows, {}, a.view());
        lab.data.target->rows(rows, t.view());
        std::vector<double> kl(rows.size(), 0.0);
        for (std::size_t r = 0; r < rows.size(); ++r)
            for (std::size_t j = 0; j < t.cols(); ++j)
                if (t(r, j) > 0.0F)
                    kl[r] += static_cast<double>(t(r, j)) *
                             std::log(static_cast<double>(t(r, j)) / static_cast<double>(a(r, j)));
        return kl;
    }
};

void check_masked(const hsa::Factors& factors, const std::vector<std::uint32_t>& masked) {
    for (const std::uint32_t j : masked)
        for (const float k : factors.k.row(j)) REQUIRE(k == 0.0F);
}

}  // namespace

TEST_CASE("pool, probe and trials leave masked columns out", "[adapt][mask]") {
    const Bench bench(GENERATE(false, true));
    INFO((bench.causal ? "causal" : "plain"));
    const auto input = bench.input();
    const hsa::CycleContext context(*bench.lab.backend, input, bench.registry, 1, {});
    CHECK(context.columns.size() == 640 - bench.masked.size());
    const hsa::Pool pool = hsa::draw_pool(context);
    const hsa::LevelPool level = hsa::measure_level(context, pool, bench.registry, 0);
    const hsa::Factors factors = bench.factors_of(bench.registry);
    const std::vector<double> exact = bench.divergences(factors, pool.rows);
    for (std::size_t r = 0; r < pool.rows.size(); ++r)
        CHECK(level.row_kl[r] == Approx(exact[r]).epsilon(1e-3).margin(1e-4));
    const std::vector<double> probe = bench.divergences(factors, context.rows.probe);
    CHECK(
        context.probe_kl(level.splats) ==
        Approx(std::accumulate(probe.begin(), probe.end(), 0.0) / static_cast<double>(probe.size()))
            .epsilon(1e-3));
    std::vector<hsa::DrawnRow> drawn;
    for (std::size_t p = 0; p < pool.rows.size(); ++p) drawn.push_back({p, 1, 1.0});
    const std::array<std::size_t, 2> touched{2, 5};
    const hsa::TrialRows rows(context, pool, level, touched, drawn);
    const std::vector<double> as_is = rows.divergences(rows.as_is());
    for (std::size_t r = 0; r < as_is.size(); ++r)
        CHECK(as_is[r] == Approx(level.row_kl[r]).margin(3e-5));
}

TEST_CASE("measures of masked attention are those of its rows", "[adapt][mask]") {
    const Bench bench(GENERATE(false, true));
    const hsa::Factors factors = bench.factors_of(bench.registry);
    const hsa::Measures measures =
        hsa::measure(factors, bench.registry, *bench.lab.backend, bench.lab.data.coordinates,
                     bench.lab.data.target.get(), {1, 128, {}, 1.0}, {});
    const hsa::RowSets sets = hsa::row_sets(640, 128, 1);
    // Rows 0 and 4 of W have no key where attention is causal.
    const auto rows = static_cast<double>(sets.report.size() - (bench.causal ? 2 : 0));
    const std::vector<double> kl = bench.divergences(factors, sets.report);
    REQUIRE(measures.row_kl);
    CHECK(*measures.row_kl ==
          Approx(std::accumulate(kl.begin(), kl.end(), 0.0) / rows).epsilon(1e-4));
    Matrix<float> a(sets.report.size(), 640);
    Matrix<float> t(sets.report.size(), 640);
    hsa::attention_rows(factors, sets.report, {}, a.view());
    bench.lab.data.target->rows(sets.report, t.view());
    double entropy = 0.0;
    double reference = 0.0;
    for (std::size_t r = 0; r < a.rows(); ++r) {
        const std::size_t reach = bench.causal ? sets.report[r] + 1 : 640;
        const auto seen = static_cast<double>(reach - hsa::masked_before(bench.masked, reach));
        for (std::size_t j = 0; j < 640; ++j) {
            const auto p = static_cast<double>(a(r, j));
            const auto wanted = static_cast<double>(t(r, j));
            if (p > 0.0) entropy -= p * std::log(p);
            if (wanted > 0.0) reference += wanted * std::log(wanted * seen);
        }
    }
    CHECK(measures.row_entropy_mean == Approx(entropy / rows).epsilon(1e-4));
    CHECK(*measures.reference_kl == Approx(reference / rows).epsilon(1e-4));
}

TEST_CASE("cycles with a mask lower the row-KL and keep masked columns at zero", "[adapt][mask]") {
    const Bench bench(GENERATE(false, true), 3);
    const auto input = bench.input();
    hsa::CycleResult result = hsa::begin_adaptation(
        *bench.lab.backend, input, std::make_shared<const hsa::SplatRegistry>(bench.registry), {});
    const double before = result.measures.row_kl;
    REQUIRE(std::isfinite(before));
    for (int cycle = 0; cycle < 6; ++cycle) {
        result = hsa::adapt_cycle(*bench.lab.backend, input, result.state, {});
        REQUIRE(std::isfinite(result.measures.row_kl));
        for (const hsa::Event& event : result.events) {
            REQUIRE(std::isfinite(event.objective_before));
            REQUIRE(std::isfinite(event.objective_after));
        }
        check_masked(*result.factors, bench.masked);
    }
    CHECK(result.measures.row_kl < 0.8 * before);
}

TEST_CASE("more tokens than a cycle's columns, most of them masked", "[adapt][mask]") {
    const std::size_t n = hsa::kColumnLimit + 2000;
    const Matrix<float> x = adapt_test::clusters(n, adapt_test::directions(4, 4, 3), 4, 3);
    hsa::Coordinates coordinates = adapt_test::data_of(x).coordinates;
    for (std::uint32_t i = 0; i < n; ++i)
        if (i % 8 != 0) coordinates.masked.push_back(i);
    const hsa::Columns columns = hsa::choose_columns(coordinates, 1, 1);
    CHECK(columns.size() == (n + 7) / 8);
    CHECK(columns.log_weight == 0.0);
    CHECK(columns.token(3) == 24);
    coordinates.masked = {5};
    const hsa::Columns many = hsa::choose_columns(coordinates, 1, 1);
    CHECK(many.size() == hsa::kColumnLimit);
    CHECK(many.log_weight == Approx(std::log(static_cast<double>(n - 1) / hsa::kColumnLimit)));
    CHECK_FALSE(std::binary_search(many.sample.begin(), many.sample.end(), 5U));
}

TEST_CASE("splats at cycle 0 are those of the tokens that are not masked", "[adapt][mask]") {
    const Bench bench(false);
    const hsa::Coordinates& whole = bench.lab.data.coordinates;
    const hsa::Coordinates visible = hsa::visible_coordinates(whole);
    const hsa::Hierarchy hierarchy = hsa::make_hierarchy(1, 640);
    hsa::InitSettings init;
    init.counts = {8};
    const auto start = [&](const hsa::Coordinates& coordinates) {
        return hsa::initialise(*bench.lab.backend, bench.lab.data.dataset, coordinates, hierarchy,
                               init, {}, {});
    };
    const hsa::Start with_mask = start(whole);
    CHECK(hsa::hash_registry(with_mask.registry) == hsa::hash_registry(start(visible).registry));
    CHECK(with_mask.calibration.met());
}

TEST_CASE("edits and coverage cycles count visible tokens", "[adapt][mask]") {
    Bench bench(false);
    const auto input = bench.input();
    const hsa::AdaptState state = bench.lab.begin(bench.registry);
    hsa::Edit add;
    add.kind = hsa::Edit::Kind::add;
    add.level = "Token";
    add.tokens = {{200, 204}};
    const hsa::CycleResult added = hsa::apply_edit(*bench.lab.backend, input, state, add, {});
    CHECK(std::isfinite(added.measures.row_kl));
    check_masked(*added.factors, bench.masked);
    hsa::Edit calibrate;
    calibrate.kind = hsa::Edit::Kind::calibrate;
    CHECK(std::isfinite(
        hsa::apply_edit(*bench.lab.backend, input, state, calibrate, {}).measures.row_kl));
    // Without a target: what is masked needs no cover, so that nothing is born there.
    bench.lab.data.target = nullptr;
    hsa::CycleResult result =
        hsa::begin_adaptation(*bench.lab.backend, bench.lab.input(),
                              std::make_shared<const hsa::SplatRegistry>(bench.registry), {});
    for (int cycle = 0; cycle < 3; ++cycle) {
        result = bench.lab.step(result.state);
        for (const hsa::Event& event : result.events)
            if (event.kind == hsa::EventKind::birth)
                for (const std::uint32_t token : event.tokens)
                    CHECK_FALSE(hsa::is_masked(bench.masked, token));
    }
}
