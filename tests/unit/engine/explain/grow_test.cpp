#include "engine/explain/grow.h"

#include "tests/catch.h"
#include "tests/unit/engine/explain/world.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

using explain_test::attention_of;
using explain_test::falling;
using explain_test::make_world;
using explain_test::World;
using hsa::SplatId;

namespace {

// The first `count` outside `picked` by falling value.
std::set<std::uint32_t> first_of(const std::vector<double>& values,
                                 const std::set<std::uint32_t>& picked, std::size_t count) {
    std::set<std::uint32_t> found;
    for (const std::uint32_t index : falling(values)) {
        if (found.size() == count) break;
        if (picked.count(index) == 0) found.insert(index);
    }
    return found;
}

}  // namespace

TEST_CASE("a splat with all below it", "[explain][grow]") {
    hsa::SplatRegistry registry = make_world({}).registry;  // 0..5 Fine, 6..8 Coarse
    registry.parent = {6, 6, 7, 8, 7, hsa::kNoSplat, hsa::kNoSplat, hsa::kNoSplat, hsa::kNoSplat};
    const auto below = [&](std::vector<SplatId> roots) {
        return hsa::with_descendants(registry, roots);
    };
    CHECK(below({6}) == std::vector<SplatId>{0, 1, 6});
    CHECK(below({7, 3}) == std::vector<SplatId>{2, 3, 4, 7});
    CHECK(below({5}) == std::vector<SplatId>{5});
    CHECK(below({8, 8, 99}) == std::vector<SplatId>{3, 8});
    CHECK(below({99}).empty());
    // Three levels: the grandchildren too.
    registry.insert_level(2, {"Whole", 1.0});
    hsa::Splat whole = registry.splat(8);
    whole.level = 2;
    whole.parent = hsa::kNoSplat;
    const SplatId top = registry.add(whole);
    registry.parent[6] = registry.parent[8] = top;
    CHECK(below({top}) == std::vector<SplatId>{0, 1, 3, 6, 8, top});
}

TEST_CASE("tokens grow to those of strongest attention", "[explain][grow]") {
    const World world = make_world({});
    const auto a = attention_of(world.factors);
    for (const std::size_t count : {1U, 3U}) {
        const std::vector<hsa::Range> picked = {{2, 4}, {30, 31}};
        std::vector<double> to(40), from(40);
        for (const std::size_t i : {2U, 3U, 30U})
            for (std::size_t j = 0; j < 40; ++j) {
                to[j] += a(i, j);
                from[j] += a(j, i);
            }
        std::set<std::uint32_t> expected = first_of(to, {2, 3, 30}, count);
        expected.merge(first_of(from, {2, 3, 30}, count));
        const std::vector<std::uint32_t> found =
            hsa::neighbour_tokens(world.factors, picked, count);
        CHECK(found == std::vector<std::uint32_t>(expected.begin(), expected.end()));
    }
    // All others, and none beside everything.
    const std::vector<hsa::Range> one = {{5, 6}};
    CHECK(hsa::neighbour_tokens(world.factors, one, 1000).size() == 39);
    const std::vector<hsa::Range> all = {{0, 40}};
    CHECK(hsa::neighbour_tokens(world.factors, all, 3).empty());
}

TEST_CASE("splats grow to those of their level that overlap most", "[explain][grow]") {
    const World world = make_world({});
    const hsa::Factors& f = world.factors;
    const auto overlap = [&](const std::vector<SplatId>& picked, std::size_t t) {
        double sum = 0.0;
        for (std::size_t j = 0; j < 40; ++j) {
            double q = 0.0;
            for (const SplatId s : picked) q += static_cast<double>(f.k(j, s));
            sum +=
                std::sqrt(q / static_cast<double>(picked.size()) * static_cast<double>(f.k(j, t)));
        }
        return sum;
    };
    const std::vector<SplatId> picked = {1, 4};
    std::vector<double> values(6);
    for (std::size_t t = 0; t < 6; ++t) values[t] = overlap(picked, t);
    for (const std::size_t count : {1U, 2U, 4U, 9U}) {
        const std::set<std::uint32_t> expected = first_of(values, {1, 4}, count);
        CHECK(hsa::neighbour_splats(f, picked, count) ==
              std::vector<SplatId>(expected.begin(), expected.end()));
    }
    // Each level for itself.
    const std::vector<SplatId> both = {0, 7};
    const std::vector<SplatId> found = hsa::neighbour_splats(f, both, 1);
    REQUIRE(found.size() == 2);
    CHECK(found[0] < 6);
    CHECK((found[1] == 6 || found[1] == 8));
    CHECK((overlap({7}, 6) > overlap({7}, 8)) == (found[1] == 6));
    const std::vector<SplatId> nobody = {99};
    CHECK(hsa::neighbour_splats(f, nobody, 2).empty());
}
