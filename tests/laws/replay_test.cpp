// Replaying the deltas of events gives every registry bit for bit (maths.md 4, rulings.md
// "Adaptation").

#include "engine/adapt/edits.h"
#include "engine/adapt/initialise.h"
#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <limits>

using adapt_test::Lab;
using hsa::Edit;

namespace {

// Applies the accepted deltas of one step and compares.
void check_step(hsa::SplatRegistry& replayed, const hsa::CycleResult& result) {
    for (const hsa::Event& event : result.events) {
        if (!event.accepted) {
            CHECK(event.delta.empty());
            continue;
        }
        hsa::apply(event.delta, replayed);
    }
    REQUIRE(hsa::same_bits(replayed, *result.state.registry));
    REQUIRE(hsa::hash_registry(replayed) == hsa::hash_registry(*result.state.registry));
}

}  // namespace

TEST_CASE("events of one level replay bit for bit", "[laws][replay]") {
    Lab lab;
    lab.data =
        adapt_test::data_of(adapt_test::clusters(700, adapt_test::directions(14, 6, 61), 14, 62));
    lab.settings = adapt_test::fast();
    std::vector<hsa::Splat> splats;
    const auto around = adapt_test::directions(14, 6, 61);
    for (std::size_t s = 0; s < 5; ++s) splats.push_back(adapt_test::splat_at(around[s]));
    for (std::size_t s = 0; s < 5; ++s) splats.push_back(adapt_test::splat_at(around[0]));
    hsa::AdaptState state = lab.begin(adapt_test::registry_of(splats));
    hsa::SplatRegistry replayed = *state.registry;
    std::size_t structural = 0;
    for (int cycle = 0; cycle < 12; ++cycle) {
        if (cycle == 6) {
            hsa::SplatRegistry damaged = *state.registry;
            damaged.gaussians.centre(1, 1) = std::numeric_limits<float>::quiet_NaN();
            state.registry = std::make_shared<const hsa::SplatRegistry>(damaged);
            replayed = damaged;
        }
        const hsa::CycleResult result = lab.step(state);
        check_step(replayed, result);
        for (const hsa::Event& event : result.events)
            if (event.accepted && hsa::is_structural(event.kind)) ++structural;
        state = result.state;
    }
    CHECK(structural >= 8);
}

TEST_CASE("a made hierarchy, its edits and its cycles replay bit for bit", "[laws][replay]") {
    Lab lab;
    const std::size_t n = 400;
    lab.data = adapt_test::data_of(
        adapt_test::clusters(n, adapt_test::directions(16, 6, 71), 16, 72, 0.25), 3);
    lab.settings = adapt_test::fast();
    hsa::SplatRegistry registry =
        hsa::initialise(*lab.backend, lab.data.dataset, lab.data.coordinates,
                        hsa::make_hierarchy(3, n), {}, {}, {})
            .registry;
    hsa::AdaptState state = lab.begin(registry);
    hsa::SplatRegistry replayed = *state.registry;
    const auto step = [&](const hsa::CycleResult& result) {
        check_step(replayed, result);
        CHECK_NOTHROW(hsa::check_invariants(*result.state.registry));
        state = result.state;
    };
    const auto edit = [&](Edit::Kind kind, std::vector<hsa::SplatId> ids, const std::string& level,
                          std::vector<double> values) {
        Edit made;
        made.kind = kind;
        made.splats = std::move(ids);
        made.level = level;
        made.values = std::move(values);
        made.tokens = {{10, 14}};
        step(hsa::apply_edit(*lab.backend, lab.input(), state, made, {}));
    };
    const auto id = [&](std::size_t level, std::size_t index) {
        return state.registry->id[state.registry->rows_of_level(level).at(index)];
    };
    for (int round = 0; round < 3; ++round) {
        for (int cycle = 0; cycle < 3; ++cycle) step(lab.step(state));
        edit(Edit::Kind::split, {id(1, 0)}, "", {});
        edit(Edit::Kind::merge, {id(0, 0), id(0, 1)}, "", {});
        step(lab.step(state));
        edit(Edit::Kind::remove, {id(1, 1)}, "", {});
        edit(Edit::Kind::add, {}, state.registry->hierarchy.levels[1].name, {});
        edit(Edit::Kind::move, {id(2, 0)}, "", std::vector<double>(6, 0.1));
        edit(Edit::Kind::level_weight, {}, state.registry->hierarchy.levels[0].name, {0.5 + round});
        edit(Edit::Kind::calibrate, {}, "", {});
        edit(Edit::Kind::reparent, {id(0, 0), id(1, 0)}, "", {});
        edit(Edit::Kind::reparent, {id(1, 0)}, "", {});
    }
}

TEST_CASE("levels that come and go replay bit for bit among cycles, edits and repairs",
          "[laws][replay]") {
    Lab lab;
    const std::size_t n = 320;
    lab.data = adapt_test::data_of(
        adapt_test::clusters(n, adapt_test::directions(12, 5, 91), 12, 92, 0.25), 2);
    lab.settings = adapt_test::fast();
    hsa::AdaptState state =
        lab.begin(hsa::initialise(*lab.backend, lab.data.dataset, lab.data.coordinates,
                                  hsa::make_hierarchy(2, n), {}, {}, {})
                      .registry);
    hsa::SplatRegistry replayed = *state.registry;
    const auto step = [&](const hsa::CycleResult& result) {
        check_step(replayed, result);
        CHECK_NOTHROW(hsa::check_invariants(*result.state.registry));
        state = result.state;
        lab.data.coordinates.levels.assign(state.registry->hierarchy.size(),
                                           lab.data.coordinates.base);
    };
    const auto edit = [&](Edit::Kind kind, const std::string& level, const std::string& other,
                          std::vector<double> values) {
        Edit made;
        made.kind = kind;
        made.level = level;
        made.other = other;
        made.values = std::move(values);
        if (kind == Edit::Kind::split) made.splats = {state.registry->id.front()};
        step(hsa::apply_edit(*lab.backend, lab.input(), state, made, {}));
    };
    for (int round = 0; round < 3; ++round) {
        step(lab.step(state));
        const std::string finest = state.registry->hierarchy.levels[0].name;
        edit(Edit::Kind::add_level, fmt::format("New {}", round), finest, {1.0, 6.0});
        edit(Edit::Kind::split, "", "", {});
        step(lab.step(state));
        hsa::SplatRegistry damaged = *state.registry;
        damaged.gaussians.centre(damaged.size() - 1, 1) = std::numeric_limits<float>::quiet_NaN();
        state.registry = std::make_shared<const hsa::SplatRegistry>(damaged);
        replayed = damaged;
        edit(Edit::Kind::repair, "", "", {});
        edit(Edit::Kind::rename_level, fmt::format("New {}", round), fmt::format("Old {}", round),
             {});
        if (round > 0) edit(Edit::Kind::remove_level, fmt::format("Old {}", round - 1), "", {});
        step(lab.step(state));
    }
    CHECK(state.registry->hierarchy.size() == 3);
}

TEST_CASE("coverage mode replays bit for bit", "[laws][replay]") {
    Lab lab;
    lab.data = adapt_test::data_of(
        adapt_test::clusters(500, adapt_test::directions(9, 5, 81), 9, 82), 1, false);
    lab.settings = adapt_test::fast();
    std::vector<hsa::Splat> splats;
    for (const auto& direction : adapt_test::directions(4, 5, 81))
        splats.push_back(adapt_test::splat_at(direction, 4.0));
    hsa::AdaptState state = lab.begin(adapt_test::registry_of(splats));
    hsa::SplatRegistry replayed = *state.registry;
    for (int cycle = 0; cycle < 8; ++cycle) {
        const hsa::CycleResult result = lab.step(state);
        check_step(replayed, result);
        state = result.state;
    }
}
