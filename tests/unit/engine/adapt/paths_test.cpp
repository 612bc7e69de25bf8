#include "engine/adapt/paths.h"

#include "engine/adapt/faults.h"
#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <algorithm>
#include <vector>

using adapt_test::Lab;

namespace {

constexpr std::size_t kClusters = 6;

std::vector<std::vector<double>> around() { return adapt_test::directions(kClusters, 6, 61); }

// A splat for every cluster; above them three wide ones, at the first, third and fifth.
hsa::SplatRegistry two_levels() {
    std::vector<hsa::Splat> splats;
    for (const auto& direction : around()) splats.push_back(adapt_test::splat_at(direction, 4.0));
    for (std::size_t c = 0; c < kClusters; c += 2)
        splats.push_back(adapt_test::splat_at(around()[c], 1.0, 1));
    hsa::SplatRegistry registry =
        adapt_test::registry_of(splats, {{"Token", 0.5}, {"Phrase", 0.5}});
    for (std::size_t s = 0; s < kClusters; ++s) registry.parent[s] = 6;
    return registry;
}

Lab lab_with(double memory) {
    Lab lab;
    lab.data = adapt_test::data_of(adapt_test::clusters(400, around(), kClusters, 62), 2);
    lab.settings.path_memory = memory;
    return lab;
}

double sum_of(const std::vector<hsa::PathShare>& path) {
    double sum = 0.0;
    for (const hsa::PathShare& one : path) sum += static_cast<double>(one.share);
    return sum;
}

}  // namespace

TEST_CASE("a child's shares over its parents sum to 1", "[adapt][paths]") {
    const Lab lab = lab_with(0.5);
    const auto levels = hsa::level_overlaps(*lab.backend, lab.data.coordinates, two_levels(), {});
    REQUIRE(levels.size() == 1);
    REQUIRE(levels[0].children.size() == kClusters);
    REQUIRE(levels[0].parents.size() == 3);
    for (std::size_t c = 0; c < kClusters; ++c) {
        double sum = 0.0;
        for (const double share : levels[0].share.row(c)) sum += share;
        CHECK(sum == Approx(1.0).epsilon(1e-5));
    }
}

TEST_CASE("what a child passes on is remembered and fades when it is not used", "[adapt][paths]") {
    const Lab lab = lab_with(0.5);
    hsa::SplatRegistry registry = two_levels();
    const auto now = hsa::level_overlaps(*lab.backend, lab.data.coordinates, registry, {});
    hsa::Paths paths;
    paths[0] = {{8, 1.0F}};  // the third parent had all of the first splat
    hsa::reinforce_paths(*lab.backend, lab.data.coordinates, 0.75, registry, paths, {});
    CHECK(hsa::held_share(paths, 0, 8) == Approx(0.75 + 0.25 * now[0].share(0, 2)).epsilon(1e-6));
    CHECK(hsa::held_share(paths, 0, 6) == Approx(0.25 * now[0].share(0, 0)).epsilon(1e-6));
    CHECK(registry.parent[0] == 8);  // one cycle does not turn it
    CHECK(hsa::held_share(paths, 2, 7) == Approx(now[0].share(2, 1)).epsilon(1e-6));  // new
    for (const auto& [child, path] : paths) CHECK(sum_of(path) == Approx(1.0).epsilon(1e-3));
    for (int cycle = 0; cycle < 8; ++cycle)
        hsa::reinforce_paths(*lab.backend, lab.data.coordinates, 0.75, registry, paths, {});
    CHECK(registry.parent[0] == 6);
    CHECK(hsa::held_share(paths, 0, 6) > 0.8 * now[0].share(0, 0));
    CHECK(hsa::held_share(paths, 99, 6) == 1.0);
    CHECK(hsa::held_share(paths, 0, 99) == 0.0);
}

TEST_CASE("the share of a parent that is gone is dealt to those that stay", "[adapt][paths]") {
    const Lab lab = lab_with(0.5);
    hsa::SplatRegistry registry = two_levels();
    hsa::Paths paths;
    paths[0] = {{6, 0.5F}, {7, 0.3F}, {8, 0.2F}};
    paths[1] = {{6, 1.0F}};
    registry.remove(6);
    const auto now = hsa::level_overlaps(*lab.backend, lab.data.coordinates, registry, {});
    hsa::reinforce_paths(*lab.backend, lab.data.coordinates, 1.0, registry, paths, {});
    CHECK(hsa::held_share(paths, 0, 7) == Approx(0.6).epsilon(1e-5));
    CHECK(registry.parent[0] == 7);
    CHECK(hsa::held_share(paths, 1, 7) == Approx(now[0].share(1, 0)).epsilon(1e-6));
}

TEST_CASE("cycles remember paths, and forget them without the setting", "[adapt][paths]") {
    Lab lab = lab_with(0.9);
    hsa::AdaptState state = lab.begin(two_levels());
    CHECK(state.paths.empty());
    for (int cycle = 0; cycle < 3; ++cycle) state = lab.step(state).state;
    const hsa::SplatRegistry& registry = *state.registry;
    CHECK(state.paths.size() == registry.count(0));
    for (const auto& [child, path] : state.paths) {
        REQUIRE_FALSE(path.empty());
        CHECK(std::is_sorted(path.begin(), path.end(),
                             [](const auto& a, const auto& b) { return a.share > b.share; }));
        CHECK(registry.parent[registry.row(child)] == path.front().parent);
    }
    lab.settings.path_memory = 0.0;
    CHECK(lab.step(state).state.paths.empty());
}
