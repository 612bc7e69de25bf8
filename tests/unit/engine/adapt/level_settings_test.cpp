#include "engine/adapt/level_settings.h"

#include "engine/adapt/initialise.h"
#include "engine/adapt/quotas.h"
#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <algorithm>
#include <string>
#include <vector>

using adapt_test::Lab;
using hsa::EventKind;

namespace {

// Three levels on 400 points around 16 directions, splats as the recipe makes them.
struct Three {
    Lab lab;
    hsa::SplatRegistry registry;

    Three() {
        lab.data = adapt_test::data_of(
            adapt_test::clusters(400, adapt_test::directions(16, 6, 71), 16, 72, 0.25), 3);
        lab.settings = adapt_test::fast();
        registry = hsa::initialise(*lab.backend, lab.data.dataset, lab.data.coordinates,
                                   hsa::make_hierarchy(3, 400), {}, {}, {})
                       .registry;
    }
    [[nodiscard]] const std::string& name(std::size_t level) const {
        return registry.hierarchy.levels[level].name;
    }
};

// "death 0:36!, mitosis 1:57": kind, level and splats of each trial, ! where it was accepted.
std::string told(const std::vector<hsa::Event>& events) {
    std::string text;
    for (const hsa::Event& event : events) {
        if (!hsa::is_structural(event.kind)) continue;
        if (!text.empty()) text += ", ";
        text += fmt::format("{} {}:", hsa::name_of(event.kind), event.level);
        for (std::size_t i = 0; i < event.before.size(); ++i)
            text += fmt::format("{}{}", i == 0 ? "" : "+", event.before[i]);
        if (event.accepted) text += "!";
    }
    return text;
}

std::size_t tried(const std::vector<hsa::Event>& events, EventKind kind, std::size_t level) {
    return static_cast<std::size_t>(std::count_if(
        events.begin(), events.end(),
        [&](const hsa::Event& event) { return event.kind == kind && event.level == level; }));
}

}  // namespace

TEST_CASE("without settings of their own levels adapt as they always did", "[adapt][levels]") {
    // What the program did before levels could have any.
    const std::vector<std::string> before = {
        "death 1:60, death 0:36!, death 1:55, merge 1:59+60, merge 0:14+19, mitosis 1:57!, "
        "mitosis 2:63, mitosis 0:29, birth 1:!, birth 2:!",
        "death 0:16, death 1:59, death 0:27, merge 2:63+64, merge 0:33+40, mitosis 2:64!, "
        "mitosis 0:31!, mitosis 1:52, birth 2:!, birth 0:",
        "death 0:41, death 1:48, death 0:33!, merge 0:11+15, merge 1:60+61, mitosis 0:12, "
        "mitosis 1:49, mitosis 2:68!, birth 0:, birth 1:",
    };
    const Three three;
    hsa::AdaptState state = three.lab.begin(three.registry);
    for (const std::string& events : before) {
        const hsa::CycleResult result = three.lab.step(state);
        CHECK(told(result.events) == events);
        state = result.state;
    }
}

TEST_CASE("settings of a level that say the common thing change nothing", "[adapt][levels]") {
    const Three three;
    Three other;
    Lab& own = other.lab;
    hsa::LevelAdapt& level = own.settings.level[three.name(1)];
    level.lambda = own.settings.lambda;
    level.learning_rate = own.settings.learning_rate;
    level.cooldown = own.settings.cooldown;
    own.settings.level["no such level"].lambda = 0.5;
    hsa::AdaptState state = three.lab.begin(three.registry);
    hsa::AdaptState same = own.begin(three.registry);
    for (int cycle = 0; cycle < 3; ++cycle) {
        state = three.lab.step(state).state;
        same = own.step(same).state;
        REQUIRE(hsa::same_bits(*state.registry, *same.registry));
    }
}

TEST_CASE("a level has rates, price, steps and rests of its own", "[adapt][levels]") {
    const Three three;
    SECTION("a rate of its own is beside what the others share") {
        Three own;
        Lab& lab = own.lab;
        lab.settings = adapt_test::only(EventKind::mitosis);
        lab.settings.rate_mitosis = 1;
        lab.settings.max_events = 64;
        lab.settings.level[three.name(0)].rate_mitosis = 5;
        lab.settings.level[three.name(0)].max_events = 64;
        const hsa::CycleResult result = lab.step(lab.begin(three.registry));
        CHECK(tried(result.events, EventKind::mitosis, 0) == 5);
        CHECK(tried(result.events, EventKind::mitosis, 1) +
                  tried(result.events, EventKind::mitosis, 2) ==
              1);
    }
    SECTION("none at one level, as before at the others") {
        Three own;
        Lab& lab = own.lab;
        hsa::LevelAdapt& still = lab.settings.level[three.name(2)];
        still.rate_death = still.rate_merge = still.rate_mitosis = still.rate_birth = 0;
        hsa::AdaptState state = lab.begin(three.registry);
        for (int cycle = 0; cycle < 4; ++cycle) {
            const hsa::CycleResult result = lab.step(state);
            for (const hsa::Event& event : result.events)
                if (hsa::is_structural(event.kind)) CHECK(event.level != 2);
            state = result.state;
        }
        CHECK(state.registry->count(2) == three.registry.count(2));
    }
    SECTION("no accepted event beyond its own") {
        Three own;
        Lab& lab = own.lab;
        lab.settings.max_events = 64;
        for (std::size_t l = 0; l < 3; ++l) lab.settings.level[three.name(l)].max_events = 1;
        hsa::AdaptState state = lab.begin(three.registry);
        for (int cycle = 0; cycle < 4; ++cycle) {
            const hsa::CycleResult result = lab.step(state);
            std::vector<int> accepted(3, 0);
            for (const hsa::Event& event : result.events)
                if (event.accepted && hsa::is_structural(event.kind)) ++accepted[event.level];
            for (const int count : accepted) CHECK(count <= 1);
            state = result.state;
        }
    }
    SECTION("a price at which nothing is worth its place, at one level alone") {
        Three own;
        Lab& lab = own.lab;
        lab.settings.level[three.name(0)].lambda = 1.0;
        hsa::AdaptState state = lab.begin(three.registry);
        const hsa::CycleResult result = lab.step(state);
        for (const hsa::Event& event : result.events) {
            const bool grows = event.kind == EventKind::mitosis || event.kind == EventKind::birth;
            if (event.level == 0 && grows) CHECK_FALSE(event.accepted);
        }
        const hsa::CycleResult plain = three.lab.step(three.lab.begin(three.registry));
        const auto objective = [](const hsa::CycleResult& of, std::size_t level) {
            return of.whole->levels[level].objective.value_or(0.0) -
                   of.whole->levels[level].row_kl.value_or(0.0);
        };
        const auto splats = static_cast<double>(result.state.registry->count(0));
        CHECK(objective(result, 0) == Approx(splats * *result.whole->reference_kl));
        CHECK(objective(plain, 0) < 0.1 * objective(result, 0));
    }
    SECTION("steps and rests") {
        Three own;
        Lab& lab = own.lab;
        lab.settings.level[three.name(1)].learning_rate = 0.004;
        lab.settings.level[three.name(0)].cooldown = 9;
        const hsa::AdaptState state = lab.begin(three.registry);
        CHECK(state.learning_rate[0] == Approx(0.05));
        CHECK(state.learning_rate[1] == Approx(0.01));
        const hsa::CycleResult result = lab.step(state);
        REQUIRE_FALSE(result.state.cooldowns.empty());
        for (const auto& [key, rest] : result.state.cooldowns) {
            const auto row = three.registry.find(key.second.front());
            if (!row) continue;
            CHECK(rest.until == 1 + (three.registry.level[*row] == 0 ? 9 : 4) + 1);
        }
    }
}

TEST_CASE("quotas that levels have for themselves are not the others'", "[adapt][levels]") {
    hsa::Hierarchy hierarchy;
    hierarchy.levels = {{"a", 1.0}, {"b", 1.0}, {"c", 1.0}};
    hsa::AdaptSettings settings;
    settings.rate_death = 1;
    settings.max_events = 2;
    settings.level["b"].rate_death = 2;
    settings.level["c"].max_events = 1;
    hsa::Quotas quotas(settings, hierarchy);
    quotas.tried(EventKind::death, 0);
    CHECK_FALSE(quotas.open(EventKind::death, 0));
    CHECK_FALSE(quotas.open(EventKind::death, 2));
    CHECK(quotas.open(EventKind::death, 1));
    quotas.tried(EventKind::death, 1);
    CHECK(quotas.open(EventKind::death, 1));
    quotas.accepted(0);
    quotas.accepted(1);
    CHECK_FALSE(quotas.open(EventKind::death, 1));  // what is accepted is counted in common
    CHECK_FALSE(quotas.open(EventKind::birth, 0));
    CHECK(quotas.open(EventKind::birth, 2));
    quotas.accepted(2);
    CHECK_FALSE(quotas.open(EventKind::birth, 2));
}
