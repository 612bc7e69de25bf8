#include "engine/explore.h"

#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <algorithm>
#include <cmath>
#include <string>

using adapt_test::Lab;

namespace {

Lab lab_of(std::size_t clusters) {
    Lab lab;
    lab.data = adapt_test::data_of(
        adapt_test::clusters(500, adapt_test::directions(clusters, 8, 21), clusters, 22));
    return lab;
}

std::shared_ptr<const hsa::SplatRegistry> some_splats(std::size_t clusters, std::size_t count) {
    std::vector<hsa::Splat> splats;
    const auto around = adapt_test::directions(clusters, 8, 21);
    for (std::size_t s = 0; s < count; ++s) splats.push_back(adapt_test::splat_at(around[s]));
    return std::make_shared<const hsa::SplatRegistry>(adapt_test::registry_of(splats));
}

}  // namespace

TEST_CASE("the sets change one thing each and say the commands", "[explore]") {
    hsa::AdaptSettings now;
    now.rate_birth = 40;
    now.lambda = 0.5;
    const std::vector<hsa::ParameterSet> sets = hsa::parameter_sets(now);
    REQUIRE(sets.size() == 8);
    CHECK(sets[0].settings == now);
    CHECK(sets[0].lines.empty());
    for (std::size_t s = 1; s < sets.size(); ++s) {
        INFO(sets[s].name);
        CHECK_FALSE(sets[s].settings == now);
        CHECK_FALSE(sets[s].lines.empty());
        CHECK(sets[s].settings.lambda <= 1.0);
        CHECK(sets[s].settings.rate_birth.value_or(0) <= 64);
    }
    now.preset = hsa::Preset::fast;
    CHECK(hsa::parameter_sets(now)[1].lines.front() == "set adapt.preset story");
}

TEST_CASE("exploring recommends what is better by far and nothing where nothing is",
          "[explore][plain]") {
    SECTION("no structure where most clusters have no splat") {
        Lab lab = lab_of(12);
        lab.settings.rate_death = lab.settings.rate_merge = lab.settings.rate_mitosis =
            lab.settings.rate_birth = 0;
        lab.settings.learning_rate = 0.001;
        const hsa::Exploration found =
            hsa::explore(*lab.backend, lab.input(), some_splats(12, 4), 4, {});
        REQUIRE(found.best.has_value());
        const hsa::SetResult& best = found.results[*found.best];
        INFO(hsa::exploration_sentence(found));
        CHECK(best.better());
        CHECK(best.objective_change + hsa::kExploreErrors * best.error < 0.0);
        for (const hsa::SetResult& other : found.results)
            if (other.better()) CHECK(best.objective_change <= other.objective_change);
    }
    SECTION("settled splats") {
        Lab lab = lab_of(6);
        hsa::AdaptState state = lab.begin(*some_splats(6, 6));
        for (int cycle = 0; cycle < 30; ++cycle) state = lab.step(state).state;
        const hsa::Exploration found =
            hsa::explore(*lab.backend, lab.input(), state.registry, 1, {});
        INFO(hsa::exploration_sentence(found));
        CHECK_FALSE(found.best.has_value());
        CHECK(hsa::exploration_sentence(found).starts_with("No set is better"));
    }
}

TEST_CASE("exploring can be stopped, tells how far it is, and wants a target", "[explore]") {
    Lab lab = lab_of(4);
    std::stop_source source;
    double last = -1.0;
    const hsa::Work work{source.get_token(), [&](std::string_view, double fraction) {
                             CHECK(fraction >= last);
                             last = fraction;
                             if (fraction > 0.3) source.request_stop();
                         }};
    CHECK_THROWS_AS(hsa::explore(*lab.backend, lab.input(), some_splats(4, 4), 2, work),
                    hsa::Cancelled);
    CHECK(last < 0.5);
    lab.data.target = nullptr;
    CHECK_THROWS_WITH(hsa::explore(*lab.backend, lab.input(), some_splats(4, 4), 2, {}),
                      Catch::Contains("target.source scores"));
}
