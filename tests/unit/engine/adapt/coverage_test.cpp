#include "engine/adapt/coverage.h"

#include "engine/core/parallel.h"
#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <cmath>
#include <limits>

using adapt_test::count_events;
using adapt_test::Lab;
using hsa::EventKind;

namespace {

Lab make_lab(std::size_t used = 10) {
    Lab lab;
    lab.data = adapt_test::data_of(
        adapt_test::clusters(900, adapt_test::directions(10, 6, 41), used, 42), 1, false);
    return lab;
}

std::vector<hsa::Splat> splats_of(std::size_t count) {
    std::vector<hsa::Splat> splats;
    const auto around = adapt_test::directions(10, 6, 41);
    for (std::size_t s = 0; s < count; ++s) splats.push_back(adapt_test::splat_at(around[s], 4.0));
    return splats;
}

}  // namespace

TEST_CASE("coverage is 0 at the centre of the only splat and falls with distance",
          "[adapt][coverage]") {
    hsa::Splat splat;
    splat.centre = {1, 2};
    splat.variance = {2, 2};
    splat.log_amplitude = 5.0F;
    const auto backend = adapt_test::cpu();
    hsa::Matrix<float> x(2, 2);
    x(0, 0) = 1;
    x(0, 1) = 2;
    x(1, 0) = 3;
    x(1, 1) = 2;
    const auto covered = hsa::log_coverage(
        *backend, hsa::level_splats(std::vector<hsa::Splat>{splat}), 1.0, x.view());
    CHECK(covered[0] == Approx(0.0).margin(1e-6));
    CHECK(covered[1] == Approx(-1.0).epsilon(1e-5));  // -1/2 x 4 / 2
}

TEST_CASE("without a target clusters that nothing covers get births and the objective falls",
          "[adapt][coverage]") {
    // Rows in turn: a rhythm that even and odd rows would see different clusters of.
    const bool in_turn = GENERATE(false, true);
    Lab lab = make_lab();
    if (in_turn) {
        const auto around = adapt_test::directions(10, 6, 41);
        hsa::Random random{43};
        hsa::Matrix<float> x(900, 6);
        for (std::size_t i = 0; i < 900; ++i)
            for (std::size_t a = 0; a < 6; ++a)
                x(i, a) = static_cast<float>(adapt_test::kLength * around[i % 10][a] +
                                             0.3 * random.normal());
        lab.data = adapt_test::data_of(x, 1, false);
    }
    hsa::AdaptState state = lab.begin(adapt_test::registry_of(splats_of(4)));
    double objective = std::numeric_limits<double>::infinity();
    std::size_t births = 0;
    for (int cycle = 0; cycle < 14; ++cycle) {
        const hsa::CycleResult result = lab.step(state);
        CHECK(std::isnan(result.measures.row_kl));
        CHECK(result.measures.objective < objective + 0.02);
        objective = result.measures.objective;
        births += count_events(result.events, EventKind::birth, true);
        for (const hsa::Event& event : result.events)
            if (event.accepted) CHECK(event.objective_after < event.objective_before + 1e-12);
        state = result.state;
    }
    CHECK(births >= (in_turn ? 3 : 5));
    // Minus the mean log-coverage + 1e-3 k.
    const auto splats = hsa::level_splats(*state.registry, 0);
    CHECK(objective == Approx(hsa::coverage_loss(*lab.backend, splats, 1.0,
                                                 lab.data.coordinates.levels[0]->view(), {}) +
                              1e-3 * static_cast<double>(splats.size())));
    if (in_turn) return;  // V is rows 1, 5, 9 ..: half of the clusters
    CHECK(state.registry->size() >= 9);
    CHECK(state.registry->size() <= 11);
}

TEST_CASE("without a target a splat that covers nothing of its own is removed",
          "[adapt][coverage]") {
    Lab lab = make_lab(6);
    lab.settings = adapt_test::only(EventKind::death);
    std::vector<hsa::Splat> splats = splats_of(6);
    splats.push_back(adapt_test::splat_at(adapt_test::directions(10, 6, 41)[9], 4.0));  // no rows
    hsa::AdaptState state = lab.begin(adapt_test::registry_of(splats));
    const hsa::CycleResult result = lab.step(state);
    CHECK_FALSE(result.state.registry->find(6).has_value());
    CHECK(result.state.registry->size() == 6);  // the others cover a cluster each
    CHECK(count_events(lab.step(result.state).events, EventKind::death, true) == 0);
}

TEST_CASE("coverage does not depend on the number of threads", "[adapt][coverage]") {
    const Lab lab = make_lab();
    const hsa::AdaptState state = lab.begin(adapt_test::registry_of(splats_of(5)));
    hsa::CycleResult alone;
    {
        const hsa::ThreadLimit limit(1);
        alone = lab.step(state);
    }
    CHECK(hsa::same_bits(*alone.state.registry, *lab.step(state).state.registry));
}
