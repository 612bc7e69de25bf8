#include "engine/adapt/schedule.h"

#include "engine/adapt/edits.h"
#include "engine/adapt/shift.h"
#include "engine/model/trigger.h"
#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using adapt_test::Lab;

namespace {

constexpr std::size_t kClusters = 12;
constexpr std::size_t kTokens = 600;

std::vector<std::vector<double>> around() { return adapt_test::directions(kClusters, 8, 21); }

// Every other cluster is another one.
std::vector<std::vector<double>> half_replaced() {
    std::vector<std::vector<double>> directions = around();
    const auto others = adapt_test::directions(kClusters, 8, 91);
    for (std::size_t c = 0; c < kClusters; c += 2) directions[c] = others[c];
    return directions;
}

Lab lab_of(const std::vector<std::vector<double>>& directions, std::uint64_t seed) {
    Lab lab;
    lab.data = adapt_test::data_of(adapt_test::clusters(kTokens, directions, kClusters, seed));
    lab.settings = adapt_test::fast();
    return lab;
}

hsa::SplatRegistry splats() {
    std::vector<hsa::Splat> made;
    const auto directions = around();
    for (std::size_t s = 0; s < kClusters; ++s) made.push_back(adapt_test::splat_at(directions[s]));
    return adapt_test::registry_of(made);
}

hsa::AdaptState settled(const Lab& lab, int cycles = 8) {
    hsa::AdaptState state = lab.begin(splats());
    for (int cycle = 0; cycle < cycles; ++cycle) state = lab.step(state).state;
    return state;
}

bool structural(const std::vector<hsa::Event>& events) {
    return std::any_of(events.begin(), events.end(),
                       [](const hsa::Event& event) { return hsa::is_structural(event.kind); });
}

}  // namespace

TEST_CASE("the interval grows with age up to its cap", "[adapt][schedule]") {
    hsa::AdaptSettings settings;
    CHECK(hsa::interval_at(settings, 0) == 1);
    CHECK(hsa::interval_at(settings, 100000) == 1);
    settings.every = 5;
    settings.sparser = 0.1;
    CHECK(hsa::interval_at(settings, 0) == 5);
    CHECK(hsa::interval_at(settings, 9) == 5);
    CHECK(hsa::interval_at(settings, 10) == 6);
    CHECK(hsa::interval_at(settings, 100) == 15);
    CHECK(hsa::interval_at(settings, 2000000000) == hsa::kLongestInterval);
}

TEST_CASE("structure is tried every so many cycles and adjusted between", "[adapt][schedule]") {
    Lab lab = lab_of(around(), 22);
    lab.settings.every = 3;
    hsa::AdaptState state = lab.begin(splats());
    for (int cycle = 1; cycle <= 7; ++cycle) {
        const hsa::CycleResult result = lab.step(state);
        INFO("cycle " << cycle);
        CHECK(structural(result.events) == (cycle % 3 == 0));
        CHECK(result.measures.structure == (cycle % 3 == 0));
        CHECK(adapt_test::count_events(result.events, hsa::EventKind::adjust, true) +
                  adapt_test::count_events(result.events, hsa::EventKind::adjust, false) >
              0);
        for (const hsa::Event& event : result.events) {
            if (!hsa::is_structural(event.kind)) continue;
            CHECK(hsa::trigger_of(event).starts_with("scheduled: "));
            CHECK(event.text.find("cycles waited 3 against 3") != std::string::npos);
        }
        state = result.state;
    }
    // Older, more rarely: 1 + floor(.5 x age) from the last trials on.
    lab.settings.every = 1;
    lab.settings.sparser = 0.5;
    state = lab.begin(splats());
    std::vector<int> when;
    for (int cycle = 1; cycle <= 24; ++cycle) {
        const hsa::CycleResult result = lab.step(state);
        if (result.measures.structure) when.push_back(cycle);
        state = result.state;
    }
    CHECK(when == std::vector<int>{1, 3, 7, 15});
}

TEST_CASE("other data are a shift and a fresh sample of the same is none", "[adapt][shift]") {
    const Lab before = lab_of(around(), 22);
    const hsa::AdaptState state = settled(before);
    {
        const hsa::CycleResult same = before.step(state);
        REQUIRE(same.measures.shift.has_value());
        CHECK(*same.measures.shift == 0.0);
    }
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const hsa::CycleResult fresh = lab_of(around(), 100 + seed).step(state);
        REQUIRE(fresh.measures.shift.has_value());
        INFO("fresh sample " << seed << ": z " << *fresh.measures.shift);
        CHECK(std::abs(*fresh.measures.shift) < 6.0);
        CHECK(fresh.state.shift_at == 0);

        const hsa::CycleResult moved = lab_of(half_replaced(), 100 + seed).step(state);
        REQUIRE(moved.measures.shift.has_value());
        INFO("half replaced " << seed << ": z " << *moved.measures.shift);
        CHECK(*moved.measures.shift < -6.0);
        CHECK(moved.state.shift_at == state.cycle + 1);
        REQUIRE(structural(moved.events));
        for (const hsa::Event& event : moved.events) {
            if (!hsa::is_structural(event.kind)) continue;
            CHECK(hsa::trigger_of(event).starts_with("shift: "));
            CHECK(event.text.find("shift -") != std::string::npos);
        }
        // It is said once: the data are then those that were seen.
        const hsa::CycleResult next = lab_of(half_replaced(), 100 + seed).step(moved.state);
        CHECK(next.measures.shift == std::optional<double>(0.0));
        CHECK(next.state.shift_at == moved.state.shift_at);
    }
}

TEST_CASE("a shift brings structure at once and lets refused proposals come again",
          "[adapt][shift]") {
    Lab before = lab_of(around(), 22);
    before.settings.every = 40;
    hsa::AdaptState state = settled(before, 3);
    state.cooldowns[{hsa::EventKind::death, {0}}] = {1000, 4};
    Lab after = lab_of(half_replaced(), 5);
    after.settings.every = 40;
    CHECK_FALSE(structural(before.step(state).events));
    const hsa::CycleResult moved = after.step(state);
    CHECK(structural(moved.events));
    // It may have been tried and refused anew.
    for (const auto& [key, rest] : moved.state.cooldowns) CHECK(rest.until < 1000);
    CHECK(moved.state.structure_at == 4);
    CHECK_FALSE(structural(after.step(moved.state).events));

    after.settings.shift = 0.0;  // no test, no number
    const hsa::CycleResult blind = after.step(state);
    CHECK_FALSE(structural(blind.events));
    CHECK_FALSE(blind.measures.shift.has_value());
}

TEST_CASE("what splats moved by hand or read at another temperature cover is no shift",
          "[adapt][shift]") {
    const Lab lab = lab_of(around(), 22);
    const hsa::AdaptState state = settled(lab);
    hsa::Edit edit;
    edit.kind = hsa::Edit::Kind::move;
    edit.splats = {state.registry->id.front()};
    edit.values = std::vector<double>(8, 2.0);
    const hsa::AdaptState moved = hsa::apply_edit(*lab.backend, lab.input(), state, edit, {}).state;
    CHECK(lab.step(moved).measures.shift == std::optional<double>(0.0));
    hsa::AdaptInput warmer = lab.input();
    warmer.temperature = 3.0;
    CHECK_FALSE(hsa::adapt_cycle(*lab.backend, warmer, state, {}).measures.shift.has_value());
    // Splats that something else put there are not those whose coverage is known.
    hsa::AdaptState other = state;
    other.registry = std::make_shared<const hsa::SplatRegistry>(splats());
    CHECK_FALSE(lab.step(other).measures.shift.has_value());
}

TEST_CASE("many small steps are a shift in the end", "[adapt][shift]") {
    hsa::SplatRegistry registry = splats();
    hsa::SeenData seen = hsa::seen_by({{-1.0, 0.1}}, registry, 1.0);
    double mean = -1.0;
    int steps = 0;
    for (; steps < 1000; ++steps) {
        const std::vector<hsa::Covered> now = {{mean -= 0.2, 0.1}};
        const std::optional<double> z = hsa::shift_of(seen, now);
        REQUIRE(z.has_value());
        CHECK(*z == Approx(-std::sqrt(2.0 * (steps + 1))));
        if (*z < -6.0) break;
        hsa::add_drift(now, seen);
        const std::vector<double> drift = seen.drift;
        const std::vector<double> variance = seen.variance;
        seen = hsa::seen_by(now, registry, 1.0);
        seen.drift = drift;
        seen.variance = variance;
    }
    CHECK(steps == 18);
    // Less than a level's number each, or none: nothing is known.
    CHECK_FALSE(hsa::shift_of(seen, {}).has_value());
    CHECK_FALSE(hsa::shift_of(hsa::SeenData{}, std::vector<hsa::Covered>{{0.0, 1.0}}).has_value());
    // Data without any spread that moved: as far as there are numbers.
    CHECK(hsa::shift_of(hsa::seen_by({{0.0, 0.0}}, registry, 1.0),
                        std::vector<hsa::Covered>{{1.0, 0.0}}) == hsa::kLargestShift);
}

TEST_CASE("too few tokens are no sample", "[adapt][shift]") {
    Lab lab = lab_of(around(), 22);
    lab.data = adapt_test::data_of(adapt_test::clusters(63, around(), kClusters, 22));
    CHECK(hsa::covered_by(*lab.backend, lab.data.coordinates, splats(), 1.0, {}).empty());
    CHECK_FALSE(lab.step(lab.begin(splats())).measures.shift.has_value());
}

TEST_CASE("an event says what set it off", "[adapt][events]") {
    hsa::Event event;
    CHECK(hsa::trigger_of(event) == "scheduled");
    event.by = hsa::Actor::user;
    CHECK(hsa::trigger_of(event) == "by hand");
    event.by = hsa::Actor::controller;
    event.kind = hsa::EventKind::repair;
    CHECK(hsa::trigger_of(event) == "repair");
    event.kind = hsa::EventKind::initialise;
    CHECK(hsa::trigger_of(event) == "start");
    event.kind = hsa::EventKind::death;
    CHECK(hsa::trigger_of(event) == "low usage");
    event.kind = hsa::EventKind::merge;
    CHECK(hsa::trigger_of(event) == "overlap");
    event.kind = hsa::EventKind::mitosis;
    CHECK(hsa::trigger_of(event) == "error share");
    event.kind = hsa::EventKind::birth;
    event.decided_by = {{"row_kl", 2.0, 1.0}};
    CHECK(hsa::trigger_of(event) == "residual");
    event.decided_by = {{"log_coverage", -9.0, -2.0}};
    CHECK(hsa::trigger_of(event) == "empty region");
    event.decided_by.push_back({"cycles_waited", 5.0, 5.0});
    CHECK(hsa::trigger_of(event) == "scheduled: empty region");
    event.decided_by.back() = {"dense_region", 0.3, 0.1};
    CHECK(hsa::trigger_of(event) == "dense region: empty region");
}
