#include "engine/explain/linked.h"

#include "tests/catch.h"
#include "tests/unit/engine/explain/world.h"

#include <algorithm>
#include <set>

using explain_test::attention_of;
using explain_test::falling;
using explain_test::make_world;
using explain_test::World;
using hsa::Linked;
using hsa::Selection;
using hsa::SplatId;

namespace {

// One event a cycle, after an initialisation.
hsa::History history_of(std::vector<hsa::Event> events) {
    hsa::History history;
    const auto add = [&](hsa::Event event) {
        auto cycle = std::make_shared<hsa::Cycle>();
        cycle->number = static_cast<std::int32_t>(history.cycles.size());
        event.cycle = cycle->number;
        cycle->events.push_back(std::move(event));
        history.cycles.push_back(std::move(cycle));
    };
    hsa::Event first;
    first.kind = hsa::EventKind::initialise;
    first.after = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    add(first);
    for (hsa::Event& event : events) add(std::move(event));
    return history;
}

hsa::Event event_of(hsa::EventKind kind, std::vector<SplatId> before, std::vector<SplatId> after,
                    bool accepted = true) {
    hsa::Event event;
    event.kind = kind;
    event.before = std::move(before);
    event.after = std::move(after);
    event.accepted = accepted;
    return event;
}

Linked link(const World& world, const Selection& selection,
            const hsa::History& history = history_of({}), std::int32_t cycle = 0) {
    return hsa::linked(selection, world.factors, world.sums, world.registry, history, cycle);
}

// The rule of architecture.md, on any list of values.
std::set<std::size_t> until(const std::vector<double>& values, double share, std::size_t most) {
    double total = 0.0;
    for (const double v : values) total += v;
    std::set<std::size_t> lit;
    double sum = 0.0;
    for (const std::uint32_t index : falling(values)) {
        if (sum >= share * total || lit.size() == most) break;
        lit.insert(index);
        sum += values[index];
    }
    return lit;
}

std::set<SplatId> splats_of_token(const World& world, std::size_t i) {
    const auto row = world.factors.p.row(i);
    std::set<SplatId> ids;
    for (const std::size_t c : until({row.begin(), row.end()}, 0.8, 8))
        if (world.factors.ids[c] != hsa::kNoSplat) ids.insert(world.factors.ids[c]);
    return ids;
}

std::set<std::uint32_t> tokens_of_splat(const World& world, std::size_t column) {
    std::vector<double> k;
    for (std::size_t j = 0; j < world.factors.tokens(); ++j)
        k.push_back(static_cast<double>(world.factors.k(j, column)));
    std::set<std::uint32_t> tokens;
    for (const std::size_t j : until(k, 0.5, 200)) tokens.insert(static_cast<std::uint32_t>(j));
    return tokens;
}

template <class T>
std::set<T> as_set(const std::vector<T>& values) {
    CHECK(std::is_sorted(values.begin(), values.end()));
    CHECK(std::adjacent_find(values.begin(), values.end()) == values.end());
    return {values.begin(), values.end()};
}

}  // namespace

TEST_CASE("a token lights the splats that carry .8 of it", "[explain][linked]") {
    const World world = make_world({60, 4, 14, 4, true, 8});
    for (std::size_t i = 0; i < 60; ++i) {
        Selection selection;
        selection.tokens = {{i, i + 1}};
        const Linked lit = link(world, selection);
        CHECK(as_set(lit.splats) == splats_of_token(world, i));
        CHECK(lit.tokens.empty());
        CHECK(lit.splats.size() <= 8);
    }
}

TEST_CASE("several tokens light the union, however many", "[explain][linked]") {
    const World world = make_world({2500, 4, 9, 4, true, 8});
    Selection selection;
    selection.tokens = {{3, 5}, {1000, 2400}};
    std::set<SplatId> expected;
    for (const hsa::Range& range : selection.tokens)
        for (std::size_t i = range.begin; i < range.end; ++i)
            expected.merge(splats_of_token(world, i));
    CHECK(as_set(link(world, selection).splats) == expected);
}

TEST_CASE("a splat lights the tokens that make .5 of its keys", "[explain][linked]") {
    const World world = make_world({60, 4, 9, 3, true, 4});
    for (std::size_t s = 0; s < world.registry.size(); ++s) {
        Selection selection;
        selection.splats = {world.registry.id[s]};
        const Linked lit = link(world, selection);
        CHECK(as_set(lit.tokens) == tokens_of_splat(world, s));
        CHECK(lit.splats.empty());
    }
    // One that is nearly flat over many tokens stops at 200.
    World flat = make_world({1000, 4, 3, 1, true, 4});
    for (std::size_t j = 0; j < 1000; ++j) flat.factors.k(j, 0) = 1e-3F;
    Selection selection;
    selection.splats = {0};
    CHECK(link(flat, selection).tokens.size() == 200);
}

TEST_CASE("a block lights the splats that make .8 of its value", "[explain][linked]") {
    const World world = make_world({200, 4, 9, 3, true, 4});
    Selection selection;
    selection.block = hsa::Block{{10, 150}, {70, 90}};
    std::vector<double> parts(world.factors.columns(), 0.0);
    for (std::size_t c = 0; c < parts.size(); ++c) {
        double p = 0.0;
        double k = 0.0;
        for (std::size_t i = 10; i < 150; ++i) p += static_cast<double>(world.factors.p(i, c));
        for (std::size_t j = 70; j < 90; ++j) k += static_cast<double>(world.factors.k(j, c));
        parts[c] = p * k;
    }
    std::set<SplatId> expected;
    for (const std::size_t c : until(parts, 0.8, parts.size()))
        if (world.factors.ids[c] != hsa::kNoSplat) expected.insert(world.factors.ids[c]);
    CHECK(as_set(link(world, selection).splats) == expected);
}

TEST_CASE("an event lights its splats that live, their tokens and its own", "[explain][linked]") {
    const World world = make_world({});
    hsa::Event split = event_of(hsa::EventKind::mitosis, {44}, {2, 3});
    split.tokens = {11, 5, 4000};
    const hsa::History history = history_of({split});
    Selection selection;
    selection.event = 1;
    const Linked lit = link(world, selection, history, 1);
    CHECK(lit.splats == std::vector<SplatId>{2, 3});
    std::set<std::uint32_t> expected = {5, 11};
    expected.merge(tokens_of_splat(world, 2));
    expected.merge(tokens_of_splat(world, 3));
    CHECK(as_set(lit.tokens) == expected);
    selection.event = 9;  // there is none
    CHECK(link(world, selection, history, 1).splats.empty());
}

TEST_CASE("events that name a lit or picked splat light up to the cycle shown",
          "[explain][linked]") {
    const World world = make_world({});
    const hsa::History history = history_of({event_of(hsa::EventKind::mitosis, {44}, {2, 3}),
                                             event_of(hsa::EventKind::death, {2}, {}, false),
                                             event_of(hsa::EventKind::adjust, {2}, {2}),
                                             event_of(hsa::EventKind::merge, {2, 45}, {6}),
                                             event_of(hsa::EventKind::birth, {}, {7})});
    Selection selection;
    selection.splats = {2};
    CHECK(link(world, selection, history, 5).events == std::vector<std::size_t>{1, 4});
    CHECK(link(world, selection, history, 2).events == std::vector<std::size_t>{1});
    CHECK(link(world, selection, history, 99).events == std::vector<std::size_t>{1, 4});
    selection.splats = {7};
    CHECK(link(world, selection, history, 5).events == std::vector<std::size_t>{5});
    CHECK(link(world, {}, history, 5).events.empty());
}

TEST_CASE("several picks light the union of each", "[explain][linked]") {
    const World world = make_world({});
    Selection token;
    token.tokens = {{8, 9}};
    Selection splat;
    splat.splats = {1, 7};
    Selection block;
    block.block = hsa::Block{{0, 20}, {20, 40}};
    Selection all = token;
    all.splats = splat.splats;
    all.block = block.block;
    const Linked lit = link(world, all);
    std::set<SplatId> splats = as_set(link(world, token).splats);
    splats.merge(as_set(link(world, block).splats));
    CHECK(as_set(lit.splats) == splats);
    CHECK(lit.tokens == link(world, splat).tokens);
}

TEST_CASE("tints are attention from and to the selection, times n", "[explain][linked]") {
    const World world = make_world({});
    const auto a = attention_of(world.factors);
    const std::size_t n = world.factors.tokens();
    const auto check = [&](const Linked& lit, const std::vector<std::size_t>& rows,
                           const std::vector<std::size_t>& columns) {
        REQUIRE(lit.tint_from.size() == n);
        REQUIRE(lit.tint_to.size() == n);
        for (std::size_t j = 0; j < n; ++j) {
            double from = 0.0;
            double to = 0.0;
            for (const std::size_t i : rows) from += a(i, j);
            for (const std::size_t c : columns) to += a(j, c);
            const auto scale = static_cast<double>(n);
            CHECK(lit.tint_from[j] ==
                  Approx(scale * from / static_cast<double>(rows.size())).epsilon(1e-5));
            CHECK(lit.tint_to[j] ==
                  Approx(scale * to / static_cast<double>(columns.size())).epsilon(1e-5));
        }
    };
    Selection tokens;
    tokens.tokens = {{4, 6}, {30, 31}};
    check(link(world, tokens), {4, 5, 30}, {4, 5, 30});
    Selection block;
    block.block = hsa::Block{{2, 5}, {10, 12}};
    check(link(world, block), {2, 3, 4}, {10, 11});
    Selection both = tokens;
    both.block = block.block;
    check(link(world, both), {2, 3, 4, 5, 30}, {4, 5, 10, 11, 30});
    Selection splat;
    splat.splats = {2};
    const std::set<std::uint32_t> lit = tokens_of_splat(world, 2);
    check(link(world, splat), {lit.begin(), lit.end()}, {lit.begin(), lit.end()});
}

TEST_CASE("nothing picked, or nothing that is there, lights nothing", "[explain][linked]") {
    const World world = make_world({});
    Selection nowhere;
    nowhere.tokens = {{4000, 4001}};
    nowhere.splats = {77};
    nowhere.block = hsa::Block{{4000, 4001}, {0, 1}};
    for (const Selection& selection : {Selection{}, nowhere}) {
        const Linked lit = link(world, selection);
        CHECK(lit.tokens.empty());
        CHECK(lit.splats.empty());
        CHECK(lit.events.empty());
        CHECK(lit.tint_from.empty());
    }
    CHECK(link(world, {}).tint_to.empty());
}
