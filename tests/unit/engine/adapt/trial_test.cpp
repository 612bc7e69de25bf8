#include "engine/adapt/trial.h"

#include "engine/adapt/mitosis.h"
#include "engine/adapt/trial_rows.h"
#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

using adapt_test::Lab;

namespace {

// Eight clusters, one splat each.
struct Bench {
    std::vector<std::vector<double>> around = adapt_test::directions(8, 6, 11);
    Lab lab;
    hsa::SplatRegistry registry;

    explicit Bench(std::size_t splats = 8) {
        lab.data = adapt_test::data_of(adapt_test::clusters(640, around, 8, 12));
        std::vector<hsa::Splat> made;
        for (std::size_t s = 0; s < splats; ++s) made.push_back(adapt_test::splat_at(around[s]));
        registry = adapt_test::registry_of(made);
    }
};

std::vector<hsa::DrawnRow> each_once(std::size_t count) {
    std::vector<hsa::DrawnRow> rows;
    for (std::size_t p = 0; p < count; ++p) rows.push_back({p, 1, 1.0});
    return rows;
}

}  // namespace

TEST_CASE("a trial's rows add up to the level's attention", "[adapt][trial]") {
    const Bench bench;
    const auto input = bench.lab.input();
    const hsa::CycleContext context(*bench.lab.backend, input, bench.registry, 1, {});
    const hsa::Pool pool = hsa::draw_pool(context);
    const hsa::LevelPool level = hsa::measure_level(context, pool, bench.registry, 0);
    CHECK(hsa::mean(level.row_kl) ==
          Approx(std::accumulate(level.error_share.begin(), level.error_share.end(), 0.0))
              .margin(0.05));
    const std::array<std::size_t, 2> touched{2, 5};
    const hsa::TrialRows rows(context, pool, level, touched, each_once(pool.rows.size()));
    const std::vector<double> as_is = rows.divergences(rows.as_is());
    for (std::size_t r = 0; r < as_is.size(); ++r)
        CHECK(as_is[r] == Approx(level.row_kl[r]).margin(1e-5));
    // The same splats put in their own place change nothing.
    const std::vector<hsa::Splat> same = {bench.registry.splat(2), bench.registry.splat(5)};
    const std::vector<double> again = rows.divergences(rows.mix(context, hsa::level_splats(same)));
    for (std::size_t r = 0; r < as_is.size(); ++r) CHECK(again[r] == Approx(as_is[r]).margin(1e-5));
    CHECK(std::abs(rows.change(as_is, again).mean) < 1e-6);
}

TEST_CASE("removing a splat changes row-KL by the exact formula", "[adapt][trial]") {
    const Bench bench;
    const auto input = bench.lab.input();
    const hsa::CycleContext context(*bench.lab.backend, input, bench.registry, 1, {});
    const hsa::Pool pool = hsa::draw_pool(context);
    const hsa::LevelPool level = hsa::measure_level(context, pool, bench.registry, 0);
    const std::size_t s = 3;
    const std::array<std::size_t, 1> touched{s};
    const hsa::TrialRows rows(context, pool, level, touched, each_once(pool.rows.size()));
    hsa::LevelSplats none;
    const std::vector<double> after = rows.divergences(rows.mix(context, none));
    const hsa::Matrix<float> a = hsa::pool_attention(level, [&] {
        std::vector<std::size_t> places(pool.rows.size());
        std::iota(places.begin(), places.end(), std::size_t{0});
        return places;
    }());
    // sum_j T [ln(1 - P(s|i)) - ln(1 - P(s|i,j))], maths.md 4, where it is not a difference of
    // rounding.
    for (std::size_t i = 0; i < pool.rows.size(); ++i) {
        const auto p = static_cast<double>(level.queries.p(i, s));
        if (p > 0.9) continue;
        double change = 0.0;
        for (std::size_t j = 0; j < 640; ++j) {
            const double posterior =
                p * static_cast<double>(level.keys.k(j, s)) / static_cast<double>(a(i, j));
            change += static_cast<double>(pool.target(i, j)) *
                      (std::log1p(-p) - std::log1p(-std::min(posterior, 1.0 - 1e-9)));
        }
        CHECK(after[i] - level.row_kl[i] == Approx(change).margin(1e-3));
    }
}

TEST_CASE("a birth where V has no row is judged by the rows that have", "[adapt][trial]") {
    const auto around = adapt_test::directions(6, 6, 71);
    hsa::Matrix<float> x = adapt_test::clusters(640, around, 5, 72);
    Lab lab;
    lab.settings = adapt_test::only(hsa::EventKind::birth);
    // Fourteen rows of a cluster of their own; V holds none of them.
    const hsa::RowSets rows = hsa::row_sets(640, lab.settings.probe_rows, lab.seed);
    const hsa::Matrix<float> own = adapt_test::clusters(640, {around[5]}, 1, 73);
    std::vector<std::uint32_t> small;
    for (std::size_t r = 0; r < rows.free.size() && small.size() < 14; r += 20) {
        small.push_back(rows.free[r]);
        std::copy_n(own.row(small.back()).begin(), x.cols(), x.row(small.back()).begin());
    }
    REQUIRE(small.size() == 14);
    lab.data = adapt_test::data_of(x);
    std::vector<hsa::Splat> splats;
    for (std::size_t s = 0; s < 5; ++s) splats.push_back(adapt_test::splat_at(around[s]));
    hsa::AdaptState state = lab.begin(adapt_test::registry_of(splats));
    bool found = false;
    for (int cycle = 0; cycle < 6 && !found; ++cycle) {
        const hsa::CycleResult result = lab.step(state);
        for (const hsa::Event& event : result.events) {
            if (event.kind != hsa::EventKind::birth || !event.accepted) continue;
            const auto on_probe =
                std::find_if(event.decided_by.begin(), event.decided_by.end(),
                             [](const hsa::Reason& why) { return why.name == "probe_change"; });
            REQUIRE(on_probe != event.decided_by.end());
            // V could only say that its own rows lose a little.
            const bool here = std::binary_search(small.begin(), small.end(), event.tokens.front());
            if (!here || on_probe->value < 0.0) continue;
            found = true;
            CHECK(on_probe->value < on_probe->threshold);
            CHECK(event.d + event.se + on_probe->value < 0.0);
        }
        state = result.state;
    }
    CHECK(found);
}
