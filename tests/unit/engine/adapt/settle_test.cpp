// Where adaptation ends up: the known number of splats, and rest.

#include "bench/adapt/generators.h"
#include "bench/adapt/problem.h"
#include "engine/adapt/controller.h"
#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <map>

using adapt_test::Lab;
using hsa::EventKind;

namespace {

constexpr std::size_t kClusters = 24;

// As many clusters as in adaptation.md, with directions that are apart.
Lab make_lab(const hsa::AdaptSettings& settings) {
    Lab lab;
    lab.data = adapt_test::data_of(
        adapt_test::clusters(2048, adapt_test::directions(kClusters, 16, 101), kClusters, 102));
    lab.settings = settings;
    return lab;
}

hsa::SplatRegistry one_each() {
    std::vector<hsa::Splat> splats;
    for (const auto& direction : adapt_test::directions(kClusters, 16, 101))
        splats.push_back(adapt_test::splat_at(direction));
    return adapt_test::registry_of(splats);
}

}  // namespace

TEST_CASE("from a quarter and from four times the clusters adaptation ends at their number",
          "[adapt][settle]") {
    // The first seed of row 1 of adaptation.md "To reach"; bench/adapt prints five.
    const std::size_t from = GENERATE(std::size_t{6}, std::size_t{96});
    const hsa_bench::Problem problem = hsa_bench::problem_of(hsa_bench::clusters(2048, 1));
    const hsa::AdaptSettings fast = hsa_bench::preset(hsa::Preset::fast);
    const hsa_bench::Run run = hsa_bench::adapt(problem, hsa_bench::begin(problem, from, fast, 1),
                                                from == 6 ? 10 : 25, fast, 1);
    INFO("from " << from);
    CHECK(run.splats.back() >= kClusters - 1);
    CHECK(run.splats.back() <= kClusters + 1);
    CHECK(run.row_kl.back() <= 0.09);
    CHECK(run.row_kl.back() < run.row_kl.front());
}

TEST_CASE("what was refused rests longer each time", "[adapt][settle]") {
    // One splat a cluster: deaths are refused for good, and each is tried more and more rarely.
    Lab lab = make_lab(adapt_test::only(EventKind::death));
    lab.settings.cooldown = 4;
    hsa::AdaptState state = lab.begin(one_each());
    std::map<hsa::SplatId, std::vector<int>> tried;
    for (int cycle = 1; cycle <= 40; ++cycle) {
        const hsa::CycleResult result = lab.step(state);
        for (const hsa::Event& event : result.events)
            if (event.kind == EventKind::death) {
                REQUIRE_FALSE(event.accepted);
                tried[event.before.front()].push_back(cycle);
            }
        state = result.state;
        for (const auto& [key, rest] : state.cooldowns) {
            CHECK(key.first == EventKind::death);
            CHECK(rest.rest <= 64);
        }
    }
    std::size_t again = 0;
    for (const auto& [splat, cycles] : tried)
        for (std::size_t t = 1; t < cycles.size(); ++t) {
            const int pause = cycles[t] - cycles[t - 1];
            INFO("splat " << splat << ", attempt " << t);
            CHECK(pause > 4 << (t - 1));  // rests 4, then 8, then 16 cycles
            if (t > 1) ++again;
        }
    CHECK(again > 0);
}

TEST_CASE("every level is given its births though one has no death to propose", "[adapt][settle]") {
    const bool target = GENERATE(true, false);
    // Three levels; the coarsest has two splats, which is the least.
    Lab lab;
    const auto around = adapt_test::directions(12, 8, 111);
    lab.data = adapt_test::data_of(adapt_test::clusters(1200, around, 12, 112), 3, target);
    std::vector<hsa::Splat> splats;
    for (std::size_t s = 0; s < 6; ++s) splats.push_back(adapt_test::splat_at(around[s], 1.0, 0));
    for (std::size_t s = 0; s < 4; ++s) splats.push_back(adapt_test::splat_at(around[s], 1.0, 1));
    for (std::size_t s = 0; s < 2; ++s) splats.push_back(adapt_test::splat_at(around[s], 1.0, 2));
    hsa::AdaptState state = lab.begin(
        adapt_test::registry_of(splats, {{"Token", 1.0}, {"Phrase", 1.0}, {"Section", 1.0}}));
    std::vector<int> births(3, 0);
    for (int cycle = 0; cycle < 9; ++cycle) {
        const hsa::CycleResult result = lab.step(state);
        for (const hsa::Event& event : result.events)
            if (event.kind == EventKind::birth) ++births[event.level];
        state = result.state;
    }
    for (const int level : births) CHECK(level > 0);
}
