// Where adaptation ends up: the known number of splats, and rest.

#include "engine/adapt/controller.h"
#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <map>

using adapt_test::Lab;
using hsa::EventKind;

namespace {

constexpr std::size_t kClusters = 24;

// The clusters of adaptation.md, with directions that are apart.
Lab make_lab(const hsa::AdaptSettings& settings) {
    Lab lab;
    lab.data = adapt_test::data_of(
        adapt_test::clusters(2048, adapt_test::directions(kClusters, 16, 101), kClusters, 102));
    lab.settings = settings;
    return lab;
}

// `count` splats dealt out over the clusters, four or so on each when there are many.
hsa::SplatRegistry dealt(std::size_t count) {
    const auto around = adapt_test::directions(kClusters, 16, 101);
    hsa::Random random{103};
    std::vector<hsa::Splat> splats;
    for (std::size_t s = 0; s < count; ++s) {
        hsa::Splat splat = adapt_test::splat_at(around[s % kClusters], 1.0);
        for (float& c : splat.centre) c += static_cast<float>(0.2 * random.normal());
        splats.push_back(splat);
    }
    return adapt_test::registry_of(splats);
}

}  // namespace

TEST_CASE("from a quarter and from four times the clusters adaptation ends at their number",
          "[adapt][settle]") {
    const std::size_t from = GENERATE(std::size_t{6}, std::size_t{96});
    const Lab lab = make_lab(adapt_test::fast());
    hsa::AdaptState state = lab.begin(dealt(from));
    double w = 0.0;
    for (int cycle = 0; cycle < (from == 6 ? 10 : 25); ++cycle) {
        const hsa::CycleResult result = lab.step(state);
        state = result.state;
        w = result.measures.row_kl;
    }
    INFO("from " << from << ": W " << w);
    CHECK(state.registry->size() >= kClusters - 1);
    CHECK(state.registry->size() <= kClusters + 1);
    CHECK(w <= 0.09);
}

TEST_CASE("what was refused rests longer each time", "[adapt][settle]") {
    // One splat a cluster: deaths are refused for good, and each is tried more and more rarely.
    Lab lab = make_lab(adapt_test::only(EventKind::death));
    lab.settings.cooldown = 4;
    hsa::AdaptState state = lab.begin(dealt(kClusters));
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
