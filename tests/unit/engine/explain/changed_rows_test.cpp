#include "engine/explain/changed_rows.h"

#include "engine/core/error.h"
#include "engine/explain/event_card.h"
#include "tests/catch.h"
#include "tests/unit/engine/explain/world.h"

#include <algorithm>
#include <cmath>

using explain_test::attention_of;
using explain_test::falling;
using explain_test::make_world;
using explain_test::World;

namespace {

std::vector<double> changes(const hsa::Factors& before, const hsa::Factors& after) {
    const auto a = attention_of(before);
    const auto b = attention_of(after);
    std::vector<double> l1(a.rows(), 0.0);
    for (std::size_t i = 0; i < a.rows(); ++i)
        for (std::size_t j = 0; j < a.cols(); ++j) l1[i] += std::abs(a(i, j) - b(i, j));
    return l1;
}

void check(const std::vector<hsa::ChangedRow>& rows, const std::vector<double>& l1,
           std::size_t count) {
    const std::vector<std::uint32_t> order = falling(l1);
    REQUIRE(rows.size() == std::min(count, l1.size()));
    for (std::size_t r = 0; r < rows.size(); ++r) {
        CHECK(rows[r].row == order[r]);
        CHECK(rows[r].l1 == Approx(l1[order[r]]).margin(1e-6));
    }
}

// One splat of the level split in two by hand: its id goes, two come.
hsa::SplatRegistry split(hsa::SplatRegistry registry, hsa::SplatId id) {
    hsa::Splat child = registry.splat(registry.row(id));
    registry.remove(id);
    child.log_amplitude -= 0.7F;
    child.centre[0] += 0.5F;
    registry.add(child);
    child.centre[0] -= 1.0F;
    registry.add(child);
    return registry;
}

}  // namespace

TEST_CASE("the rows that changed most are those of all rows compared", "[explain][changed]") {
    const World world = make_world({150, 4, 9, 3, true, 21});
    SECTION("one splat moved") {
        hsa::SplatRegistry moved = world.registry;
        moved.gaussians.centre(4, 1) += 0.8F;
        const hsa::Factors after = explain_test::factors_of(moved, world.coordinates);
        const hsa::ChangedRows changed = hsa::changed_rows(world.factors, after, 20, {});
        CHECK(changed.exact);
        check(changed.rows, changes(world.factors, after), 20);
    }
    SECTION("a splat became two") {
        const hsa::Factors after =
            explain_test::factors_of(split(world.registry, 2), world.coordinates);
        const hsa::ChangedRows changed = hsa::changed_rows(world.factors, after, 20, {});
        CHECK(changed.exact);
        check(changed.rows, changes(world.factors, after), 20);
        // L1 is the same both ways.
        check(hsa::changed_rows(after, world.factors, 20, {}).rows, changes(world.factors, after),
              20);
    }
    SECTION("more rows than there are") {
        hsa::SplatRegistry moved = world.registry;
        moved.log_amplitude[0] += 0.5F;
        const hsa::Factors after = explain_test::factors_of(moved, world.coordinates);
        check(hsa::changed_rows(world.factors, after, 1000, {}).rows, changes(world.factors, after),
              1000);
    }
}

TEST_CASE("rows that did not change are left out", "[explain][changed]") {
    const World world = make_world({});
    const hsa::ChangedRows same = hsa::changed_rows(world.factors, world.factors, 20, {});
    CHECK(same.rows.empty());
    CHECK(same.exact);
    hsa::Factors after = world.factors;
    std::swap(after.p(9, 0), after.p(9, 1));
    const hsa::ChangedRows one = hsa::changed_rows(world.factors, after, 20, {});
    REQUIRE(one.rows.size() == 1);
    CHECK(one.rows[0].row == 9);
}

TEST_CASE("a search that stops early says so and has the largest bounds", "[explain][changed]") {
    // 9,000 tokens: at most 2^25 / 9,000 = 3,728 rows are formed, and all of them change a little.
    const World world = make_world({9000, 3, 4, 2, true, 21});
    hsa::SplatRegistry moved = world.registry;
    moved.gaussians.centre(1, 0) += 0.1F;
    const hsa::Factors after = explain_test::factors_of(moved, world.coordinates);
    const hsa::ChangedRows all = hsa::changed_rows(world.factors, after, 9000, {});
    CHECK_FALSE(all.exact);
    CHECK(all.rows.size() <= 3728);
    const hsa::ChangedRows few = hsa::changed_rows(world.factors, after, 5, {});
    REQUIRE(few.rows.size() == 5);
    for (std::size_t r = 0; r < 5; ++r) CHECK(few.rows[r].row == all.rows[r].row);
}

TEST_CASE("other tokens cannot be compared; a search can be stopped", "[explain][changed]") {
    const World world = make_world({});
    CHECK_THROWS_AS(hsa::changed_rows(world.factors, make_world({41}).factors, 5, {}), hsa::Error);
    std::stop_source stop;
    stop.request_stop();
    hsa::Factors after = world.factors;
    std::swap(after.p(9, 0), after.p(9, 1));
    CHECK_THROWS_AS(hsa::changed_rows(world.factors, after, 5, {stop.get_token(), {}}),
                    hsa::Cancelled);
}

TEST_CASE("an event's card compares the registry just before it with the one after",
          "[explain][changed]") {
    const World world = make_world({});
    hsa::SplatRegistry first = world.registry;
    first.log_amplitude[3] += 1.0F;  // an adjust in the same cycle, before the split
    const hsa::SplatRegistry second = split(first, 2);
    const auto event = [](hsa::EventKind kind, hsa::RegistryDelta delta) {
        hsa::Event made;
        made.cycle = 1;
        made.kind = kind;
        made.delta = std::move(delta);
        return made;
    };
    hsa::Event refused = event(hsa::EventKind::death, {});
    refused.accepted = false;
    hsa::Event by_hand = event(hsa::EventKind::move, hsa::difference(world.registry, first));
    by_hand.cycle = 0;

    hsa::Snapshot snapshot = explain_test::snapshot_of(world);
    auto history = std::make_shared<hsa::History>(*snapshot.history);
    auto zero = std::make_shared<hsa::Cycle>(*history->cycles[0]);
    zero->events = {by_hand};
    history->cycles[0] = std::move(zero);
    auto cycle = std::make_shared<hsa::Cycle>();
    cycle->number = 1;
    cycle->events = {event(hsa::EventKind::adjust, hsa::difference(world.registry, first)), refused,
                     event(hsa::EventKind::mitosis, hsa::difference(first, second))};
    history->cycles.push_back(std::move(cycle));
    snapshot.history = history;
    const auto backend = hsa::backends().front().make(true);
    const auto card_of = [&](std::size_t index) {
        return hsa::event_card(snapshot, hsa::event_factors(snapshot, index, *backend, {}), {});
    };

    const hsa::EventCard card = card_of(3);
    CHECK(card.index == 3);
    CHECK(card.mark == hsa::Mark::exact);
    check(card.changed_rows,
          changes(explain_test::factors_of(first, world.coordinates),
                  explain_test::factors_of(second, world.coordinates)),
          20);
    check(card_of(1).changed_rows,
          changes(world.factors, explain_test::factors_of(first, world.coordinates)), 20);
    const hsa::EventCard nothing = card_of(2);
    CHECK(nothing.changed_rows.empty());
    CHECK(nothing.mark == hsa::Mark::exact);
    // Before cycle 0 the history has no registry.
    const hsa::EventCard start = card_of(0);
    CHECK(start.changed_rows.empty());
    CHECK(start.mark == hsa::Mark::approximate);
    CHECK_THROWS_AS(card_of(4), hsa::Error);

    snapshot.temperature = 4.0;  // betas count a quarter
    const auto cooled = [&](hsa::SplatRegistry registry) {
        for (float& b : registry.beta) b /= 4.0F;
        return explain_test::factors_of(registry, world.coordinates);
    };
    check(card_of(3).changed_rows, changes(cooled(first), cooled(second)), 20);
}
