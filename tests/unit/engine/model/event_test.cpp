#include "engine/model/event.h"

#include "engine/core/error.h"
#include "engine/model/history.h"
#include "tests/catch.h"

#include <memory>
#include <vector>

using hsa::Event;
using hsa::EventKind;
using hsa::kNoSplat;
using hsa::Splat;
using hsa::SplatRegistry;

namespace {

SplatRegistry two_levels() {
    SplatRegistry registry;
    registry.dimension = 1;
    registry.hierarchy.levels = {{"fine", 0.5}, {"coarse", 0.5}};
    for (const int level : {1, 1, 0, 0, 0}) {
        Splat splat;
        splat.level = static_cast<std::uint16_t>(level);
        splat.parent = level == 1 ? kNoSplat : 0;
        splat.centre = {static_cast<float>(registry.next_id)};
        splat.variance = {1.0F};
        registry.add(splat);
    }
    return registry;
}

}  // namespace

TEST_CASE("events: names and kinds are one table", "[model]") {
    for (int kind = 0; kind <= static_cast<int>(hsa::kLastEventKind); ++kind)
        CHECK(hsa::event_kind(hsa::name_of(static_cast<EventKind>(kind))) ==
              static_cast<EventKind>(kind));
    CHECK_THROWS_WITH(hsa::event_kind("explode"), Catch::Contains("explode") &&
                                                      Catch::Contains("mitosis") &&
                                                      Catch::Contains("setting"));
    CHECK(std::string(hsa::name_of(hsa::Actor::repair)) == "repair");
    CHECK(hsa::is_structural(EventKind::merge));
    CHECK_FALSE(hsa::is_structural(EventKind::adjust));
}

TEST_CASE("deltas carry births, deaths, changed rows and nothing else", "[model]") {
    const SplatRegistry before = two_levels();
    SplatRegistry after = before;
    after.remove(0);  // parent of the fine splats, which lose it
    after.gaussians.centre(after.row(3), 0) = 0.5F;
    after.parent[after.row(2)] = 1;
    Splat born = before.splat(4);
    born.parent = 1;
    after.add(born);
    const hsa::RegistryDelta delta = difference(before, after);
    CHECK(delta.removed == std::vector<hsa::SplatId>{0});
    CHECK(delta.written.size() == 4);  // 2, 3, 4 changed, 5 is new
    CHECK_FALSE(delta.hierarchy);
    CHECK(delta.next_id == 6U);
    SplatRegistry replayed = before;
    apply(delta, replayed);
    CHECK(same_bits(replayed, after));
    check_invariants(replayed);

    SplatRegistry wrong = after;
    CHECK_THROWS_AS(apply(delta, wrong), hsa::Error);  // splat 0 is gone already
}

TEST_CASE("deltas carry levels that go, even the coarsest, and the background", "[model]") {
    const SplatRegistry before = two_levels();
    for (const std::size_t level : {0U, 1U}) {
        SplatRegistry after = before;
        after.remove_level(level);
        after.background_log_weight = -4.0;
        SplatRegistry replayed = before;
        apply(difference(before, after), replayed);
        CHECK(same_bits(replayed, after));
    }
}

TEST_CASE("deltas carry levels that come, with the coordinates of all", "[model]") {
    hsa::CoordinateRecipe recipe;
    recipe.level_names = {"fine", "coarse"};
    recipe.levels = {{0.0, {0.0}}, {4.0, {0.5}}};
    SplatRegistry before = two_levels();
    before.coordinates = std::make_shared<const hsa::CoordinateRecipe>(recipe);
    SplatRegistry after = before;
    after.insert_level(1, {"middle", 0.25});
    Splat born = before.splat(4);
    born.level = 1;
    born.parent = 0;
    const hsa::SplatId id = after.add(born);
    after.parent[after.row(2)] = id;
    recipe.level_names.insert(recipe.level_names.begin() + 1, "middle");
    recipe.levels.insert(recipe.levels.begin() + 1, {2.0, {0.25}});
    after.coordinates = std::make_shared<const hsa::CoordinateRecipe>(recipe);
    const hsa::RegistryDelta delta = difference(before, after);
    REQUIRE(delta.hierarchy);
    REQUIRE(delta.coordinates);
    SplatRegistry replayed = before;
    apply(delta, replayed);
    CHECK(same_bits(replayed, after));
    CHECK(hash_registry(replayed) == hash_registry(after));
    CHECK_NOTHROW(check_invariants(replayed));
    // And back again.
    apply(difference(after, before), replayed);
    replayed.next_id = before.next_id;
    CHECK(same_bits(replayed, before));
    // Coordinates that are no others are not carried; others make another hash.
    SplatRegistry same = before;
    same.coordinates = std::make_shared<const hsa::CoordinateRecipe>(*before.coordinates);
    CHECK(difference(before, same).empty());
    recipe.levels[0].h = 1.0;
    same.coordinates = std::make_shared<const hsa::CoordinateRecipe>(recipe);
    CHECK_FALSE(difference(before, same).empty());
    CHECK(hash_registry(same) != hash_registry(before));
    CHECK(hash_splats(same) == hash_splats(before));
}

TEST_CASE("a history gives the registry of any cycle from whole states and deltas", "[model]") {
    hsa::History history;
    std::vector<SplatRegistry> versions;
    SplatRegistry registry = two_levels();
    for (std::int32_t c = 0; c < 10; ++c) {
        auto cycle = std::make_shared<hsa::Cycle>();
        cycle->number = c;
        if (c > 0) {
            for (int e = 0; e < 2; ++e) {
                const SplatRegistry before = registry;
                registry.gaussians.centre(static_cast<std::size_t>(e), 0) += 0.25F;
                if (e == 1 && c % 3 == 0) registry.add(registry.splat(4));
                Event event;
                event.delta = difference(before, registry);
                cycle->events.push_back(event);
            }
            Event refused;
            refused.accepted = false;
            refused.text = "refused in cycle " + std::to_string(c);
            cycle->events.push_back(refused);
        }
        if (c % 4 == 0) {
            auto state = std::make_shared<hsa::AdaptState>();
            state->registry = std::make_shared<const SplatRegistry>(registry);
            cycle->state = state;
        }
        history.cycles.push_back(cycle);
        versions.push_back(registry);
    }
    for (std::int32_t c = 0; c < 10; ++c)
        CHECK(same_bits(*registry_at(history, c), versions[static_cast<std::size_t>(c)]));
    CHECK(history.event_count(0) == 0);
    CHECK(history.event_count(3) == 9);
    CHECK(history.event_count(99) == 27);
    CHECK(history.event(5).text == "refused in cycle 2");
    CHECK_THROWS_WITH(history.event(27), Catch::Contains("27"));
    CHECK_THROWS_AS(registry_at(history, 10), hsa::Error);
    CHECK_THROWS_AS(registry_at(history, -1), hsa::Error);
}
