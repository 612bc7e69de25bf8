#include "engine/explain/lineage.h"

#include "engine/core/error.h"
#include "engine/explain/cycle_range.h"
#include "tests/catch.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

using hsa::Event;
using hsa::EventKind;
using hsa::SplatId;
using nlohmann::json;
using Ids = std::vector<SplatId>;

namespace {

Event made(std::int32_t cycle, EventKind kind, Ids before, Ids after, bool accepted = true,
           const std::string& level = "Token") {
    Event event;
    event.cycle = cycle;
    event.kind = kind;
    event.level_name = level;
    event.before = std::move(before);
    event.after = std::move(after);
    event.accepted = accepted;
    return event;
}

// Splats 0 to 3 of Token and 4 of Phrase. Cycle 0: 3 was split by hand into 5 and 6. Then 1 splits
// into 7 and 8; 0 dies and 9 is born; 8 and 2 become 10; 10 is removed by hand.
hsa::History story() {
    hsa::SplatRegistry registry;
    registry.dimension = 1;
    registry.hierarchy.levels = {{"Token", 0.5}, {"Phrase", 0.5}};
    hsa::Splat splat;
    splat.centre = {0};
    splat.variance = {1};
    for (int id = 0; id < 7; ++id) {
        splat.level = id == 4 ? 1 : 0;
        (void)registry.add(splat);
    }
    registry.remove(3);
    auto state = std::make_shared<hsa::AdaptState>();
    state->registry = std::make_shared<const hsa::SplatRegistry>(registry);
    hsa::History history;
    const auto add = [&](std::vector<Event> events, double objective, std::size_t splats) {
        auto cycle = std::make_shared<hsa::Cycle>();
        cycle->number = static_cast<std::int32_t>(history.cycles.size());
        cycle->events = std::move(events);
        cycle->measures.level_names = {"Token", "Phrase"};
        cycle->measures.splats = {splats - 1, 1};
        cycle->measures.objective = cycle->measures.row_kl = objective;
        cycle->measures.gain_structure = -0.125;
        if (history.cycles.empty()) cycle->state = state;
        history.cycles.push_back(std::move(cycle));
    };
    Event by_hand = made(0, EventKind::split, {3}, {5, 6});
    by_hand.delta.removed = {3};
    add({made(0, EventKind::initialise, {}, {}), by_hand}, 1.0, 6);
    add({made(1, EventKind::adjust, {}, {}), made(1, EventKind::merge, {0, 2}, {}, false),
         made(1, EventKind::mitosis, {1}, {7, 8})},
        0.875, 7);
    add({made(2, EventKind::death, {0}, {}), made(2, EventKind::birth, {}, {9}),
         made(2, EventKind::birth, {}, {}, false, "Phrase")},
        0.75, 7);
    add({made(3, EventKind::merge, {8, 2}, {10})}, 0.625, 6);
    add({made(4, EventKind::remove, {10}, {})}, 0.5, 5);
    return history;
}

}  // namespace

TEST_CASE("every splat that there was has a beginning and an end", "[explain][lineage]") {
    const hsa::Lineage lineage = hsa::lineage_of(story());
    REQUIRE(lineage.lives.size() == 11);
    for (std::size_t i = 0; i < lineage.lives.size(); ++i) CHECK(lineage.lives[i].id == i);
    CHECK(lineage.find(11) == nullptr);
    const hsa::Life& born = *lineage.find(9);
    CHECK(born.began.kind == EventKind::birth);
    CHECK(born.began.cycle == 2);
    CHECK(born.began.event == 6);
    CHECK(born.began.others.empty());
    CHECK_FALSE(born.ended.has_value());
    const hsa::Life& first = *lineage.find(3);
    CHECK_FALSE(first.began.event.has_value());
    CHECK(first.began.kind == EventKind::initialise);
    REQUIRE(first.ended.has_value());
    CHECK(first.ended->cycle == 0);
    CHECK(first.ended->others == Ids{5, 6});
    CHECK(lineage.find(5)->began.others == Ids{3});
    CHECK(lineage.find(0)->ended->kind == EventKind::death);
    CHECK(lineage.find(0)->ended->others.empty());
    CHECK(lineage.find(2)->ended->cycle == 3);
    CHECK(lineage.find(4)->level == "Phrase");
    CHECK(lineage.find(10)->level == "Token");
}

TEST_CASE("a refused trial leaves no trace in a lineage", "[explain][lineage]") {
    hsa::History history = story();
    history.cycles.resize(2);
    const hsa::Lineage lineage = hsa::lineage_of(history);
    CHECK_FALSE(lineage.find(0)->ended.has_value());
    CHECK_FALSE(lineage.find(2)->ended.has_value());
    CHECK(lineage.lives.size() == 9);
}

TEST_CASE("ancestors and descendants go through splits and merges", "[explain][lineage]") {
    const hsa::Lineage lineage = hsa::lineage_of(story());
    CHECK(lineage.ancestors(10) == Ids{1, 2, 8});
    CHECK(lineage.descendants(1) == Ids{7, 8, 10});
    CHECK(lineage.ancestors(7) == Ids{1});
    CHECK(lineage.descendants(9).empty());
    CHECK(lineage.ancestors(9).empty());
}

TEST_CASE("explain.lineage tells of a splat that is gone", "[explain][lineage]") {
    hsa::Snapshot snapshot;
    snapshot.history = std::make_shared<const hsa::History>(story());
    const json answer = hsa::answer_lineage(snapshot, 8);
    CHECK(answer.at("command") == "explain.lineage");
    CHECK(answer.at("splat") == 8);
    CHECK(answer.at("began") ==
          json({{"cycle", 1}, {"kind", "mitosis"}, {"event", 4}, {"from", {1}}}));
    CHECK(answer.at("ended") ==
          json({{"cycle", 3}, {"kind", "merge"}, {"event", 8}, {"into", {10}}}));
    REQUIRE(answer.at("ancestors").size() == 1);
    CHECK(answer.at("ancestors")[0].at("splat") == 1);
    CHECK(answer.at("ancestors")[0].at("began").at("event").is_null());
    REQUIRE(answer.at("descendants").size() == 1);
    CHECK(answer.at("descendants")[0].at("ended").at("kind") == "remove");
    CHECK_THROWS_WITH(hsa::answer_lineage(snapshot, 99), Catch::Contains("99"));
    snapshot.history = nullptr;
    CHECK_THROWS_AS(hsa::answer_lineage(snapshot, 0), hsa::Error);
}

TEST_CASE("a stretch of cycles counts what was tried and accepted", "[explain][cycles]") {
    const hsa::History history = story();
    const hsa::CycleRange range = hsa::cycle_range(history, {1, 3});
    CHECK(range.all == hsa::Tried{5, 3});
    CHECK(range.of_kind(EventKind::birth) == hsa::Tried{2, 1});
    CHECK(range.of_kind(EventKind::merge) == hsa::Tried{1, 0});
    CHECK(range.of_kind(EventKind::adjust) == hsa::Tried{1, 1});
    CHECK(range.of_kind(EventKind::split) == hsa::Tried{0, 0});
    CHECK(range.of_level("Token") == hsa::Tried{4, 3});
    CHECK(range.of_level("Phrase") == hsa::Tried{1, 0});
    CHECK(range.before.objective == 1.0);
    CHECK(range.after.objective == 0.75);
    CHECK(range.gain_structure == -0.25);
    // One cycle at a time adds up to all of them.
    hsa::Tried sum;
    for (std::size_t c = 0; c < 5; ++c) {
        const hsa::Tried one = hsa::cycle_range(history, {c, c + 1}).all;
        sum.tried += one.tried;
        sum.accepted += one.accepted;
    }
    CHECK(sum == hsa::cycle_range(history, {0, 99}).all);
    CHECK_THROWS_WITH(hsa::cycle_range(history, {5, 7}), Catch::Contains("0 to 4"));
    CHECK_THROWS_AS(hsa::cycle_range(history, {2, 2}), hsa::Error);
}

TEST_CASE("explain.cycles says so as JSON", "[explain][cycles]") {
    hsa::Snapshot snapshot;
    snapshot.history = std::make_shared<const hsa::History>(story());
    const json answer = hsa::answer_cycles(snapshot, {1, 3});
    CHECK(answer.at("cycles") == json({1, 3}));
    CHECK(answer.at("tried") == 5);
    CHECK(answer.at("accepted") == 3);
    CHECK(answer.at("kinds").at("birth").at("levels").at("Phrase").at("tried") == 1);
    CHECK(answer.at("levels").at("Token").at("accepted") == 3);
    CHECK(answer.at("objective").at("change") == -0.25);
    CHECK(answer.at("splats").at("before") == 6);
    CHECK(answer.at("splats").at("after") == 7);
}
