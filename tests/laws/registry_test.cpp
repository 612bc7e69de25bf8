#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/model/event.h"
#include "engine/model/splat_registry.h"
#include "tests/catch.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

// What holds for any edits of a registry.
namespace {

using hsa::SplatId;
using hsa::SplatRegistry;

constexpr std::size_t kDimension = 3;
constexpr std::size_t kMostSplats = 60;
constexpr std::size_t kMostLevels = 6;

hsa::Splat draw_splat(hsa::Random& random, std::uint16_t level) {
    hsa::Splat splat;
    splat.level = level;
    splat.kind =
        random.below(2) == 0 ? hsa::CovarianceKind::spherical : hsa::CovarianceKind::diagonal;
    const auto variance = static_cast<float>(0.1 + random.uniform());
    for (std::size_t a = 0; a < kDimension; ++a) {
        splat.centre.push_back(static_cast<float>(random.normal()));
        splat.variance.push_back(splat.kind == hsa::CovarianceKind::spherical
                                     ? variance
                                     : static_cast<float>(0.1 + random.uniform()));
    }
    splat.log_amplitude = static_cast<float>(random.normal());
    splat.beta = static_cast<float>(0.1 + random.uniform());
    splat.age = static_cast<std::int32_t>(random.below(9));
    return splat;
}

SplatId any_of_level(const SplatRegistry& registry, std::size_t level, hsa::Random& random) {
    const std::vector<std::size_t> rows = registry.rows_of_level(level);
    return registry.id[rows[random.below(rows.size())]];
}

// A parent for a splat of `level`, or none at the top and now and then elsewhere.
SplatId draw_parent(const SplatRegistry& registry, std::size_t level, hsa::Random& random) {
    if (level + 1 >= registry.hierarchy.size() || random.below(5) == 0) return hsa::kNoSplat;
    return any_of_level(registry, level + 1, random);
}

SplatRegistry start() {
    SplatRegistry registry;
    registry.dimension = kDimension;
    registry.hierarchy = hsa::make_hierarchy(3, 100);
    hsa::Random random({1});
    for (std::size_t level = 3; level-- > 0;)
        for (std::size_t s = 0; s < 4; ++s) {
            hsa::Splat splat = draw_splat(random, static_cast<std::uint16_t>(level));
            splat.parent = level == 2 ? hsa::kNoSplat : any_of_level(registry, level + 1, random);
            registry.add(splat);
        }
    return registry;
}

// One random edit; false when the rules refused it.
bool edit(SplatRegistry& registry, hsa::Random& random, std::size_t step) {
    const std::size_t level = random.below(registry.hierarchy.size());
    try {
        switch (random.below(8)) {
            case 0:
            case 1:
            case 2: {
                if (registry.size() >= kMostSplats) return false;
                hsa::Splat splat = draw_splat(random, static_cast<std::uint16_t>(level));
                splat.parent = draw_parent(registry, level, random);
                registry.add(splat);
                return true;
            }
            case 3:
            case 4: registry.remove(any_of_level(registry, level, random)); return true;
            case 5: {
                hsa::Splat splat = draw_splat(random, static_cast<std::uint16_t>(level));
                splat.id = any_of_level(registry, level, random);
                splat.parent = draw_parent(registry, level, random);
                registry.assign(splat);
                return true;
            }
            case 6: registry.remove_level(level); return true;
            default: {
                if (registry.hierarchy.size() >= kMostLevels) return false;
                const std::size_t place = random.below(registry.hierarchy.size() + 1);
                registry.insert_level(place, {"added " + std::to_string(step), random.uniform()});
                hsa::Splat splat = draw_splat(random, static_cast<std::uint16_t>(place));
                splat.parent = draw_parent(registry, place, random);
                registry.add(splat);
                return true;
            }
        }
    } catch (const hsa::Error&) {
        return false;
    }
}

}  // namespace

TEST_CASE("law: ten thousand random edits keep every invariant, and their deltas replay them",
          "[laws][model]") {
    SplatRegistry registry = start();
    check_invariants(registry);
    SplatRegistry replayed = registry;
    std::map<SplatId, bool> seen;  // alive?
    for (const SplatId id : registry.id) seen[id] = true;
    std::size_t accepted = 0;
    for (std::size_t step = 0; step < 10000; ++step) {
        hsa::Random random({2, step});
        const SplatRegistry before = registry;
        const bool done = edit(registry, random, step);
        accepted += done ? 1 : 0;
        REQUIRE_NOTHROW(check_invariants(registry));
        if (!done) {
            REQUIRE(same_bits(before, registry));  // a refused edit changes nothing
            continue;
        }
        for (const SplatId id : registry.id) {
            const auto known = seen.find(id);
            if (known == seen.end()) seen[id] = true;
            else REQUIRE(known->second);  // an id that died never returns
        }
        for (auto& [id, alive] : seen)
            if (alive && !registry.find(id)) alive = false;

        const hsa::RegistryDelta delta = difference(before, registry);
        apply(delta, replayed);
        REQUIRE(same_bits(replayed, registry));
        REQUIRE(hash_registry(replayed) == hash_registry(registry));
    }
    CHECK(accepted > 5000);
}

TEST_CASE("law: a delta between equal registries is empty, and any two states are one delta apart",
          "[laws][model]") {
    const SplatRegistry first = start();
    CHECK(difference(first, first).empty());
    SplatRegistry last = first;
    for (std::size_t step = 0; step < 300; ++step) {
        hsa::Random random({3, step});
        edit(last, random, step);
    }
    SplatRegistry replayed = first;
    apply(difference(first, last), replayed);
    CHECK(same_bits(replayed, last));
}
