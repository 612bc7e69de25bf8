#include "engine/adapt/mend.h"

#include "engine/adapt/edits.h"
#include "engine/adapt/faults.h"
#include "tests/catch.h"
#include "tests/unit/engine/recover/scene.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

using hsa::Event;
using hsa::EventKind;
using hsa::SplatId;
using hsa::SplatRegistry;
using recover_test::Scene;

namespace {

using Damage = std::function<void(SplatRegistry&)>;

hsa::CycleResult repaired(const Scene& scene, const SplatRegistry& registry,
                          const std::string& kind = "") {
    hsa::Edit edit;
    edit.kind = hsa::Edit::Kind::repair;
    edit.repair = kind;
    return hsa::apply_edit(*scene.lab.backend, scene.lab.input(), scene.with(registry), edit, {});
}

// All repairs of a damaged registry: sound, replayable, and every splat that no event names is what
// it was.
hsa::CycleResult check_repair(const Scene& scene, const SplatRegistry& damaged) {
    hsa::CycleResult result = repaired(scene, damaged);
    const SplatRegistry& now = *result.state.registry;
    CHECK_NOTHROW(hsa::check_invariants(now));
    SplatRegistry replayed = damaged;
    std::set<SplatId> named;
    for (const Event& event : result.events) {
        CHECK(event.accepted);
        CHECK(event.kind == EventKind::repair);
        CHECK(event.by == hsa::Actor::repair);
        CHECK_FALSE(event.decided_by.empty());
        CHECK_FALSE(event.text.empty());
        named.insert(event.after.begin(), event.after.end());
        hsa::apply(event.delta, replayed);
    }
    CHECK(hsa::same_bits(replayed, now));
    for (std::size_t row = 0; row < damaged.size(); ++row)
        if (named.count(damaged.id[row]) == 0) {
            INFO("splat " << damaged.id[row]);
            CHECK(now.splat(now.row(damaged.id[row])) == damaged.splat(row));
        }
    CHECK(scene.check(now, true).findings.empty());
    return result;
}

double row_kl_after(const Scene& scene, hsa::AdaptState state, int cycles) {
    double row_kl = 0.0;
    for (int cycle = 0; cycle < cycles; ++cycle) {
        const hsa::CycleResult result = scene.lab.step(state);
        state = result.state;
        row_kl = result.measures.row_kl;
    }
    return row_kl;
}

}  // namespace

TEST_CASE("every damage is repaired, and the rest stays bit for bit", "[adapt][recover]") {
    const Scene scene;
    const SplatRegistry& sound = *scene.state.registry;
    const auto repair = [&](const Damage& damage) {
        return check_repair(scene, scene.damaged(damage));
    };
    SECTION("scrambled parents") {
        const hsa::CycleResult result = repair(recover_test::scramble_parents);
        // Only those that lay badly: parents as overlap has them.
        SplatRegistry best = sound;
        (void)hsa::assign_parents(*scene.lab.backend, scene.lab.data.coordinates, best, {});
        for (const Event& event : result.events)
            for (const SplatId id : event.after)
                CHECK(result.state.registry->parent[result.state.registry->row(id)] ==
                      best.parent[best.row(id)]);
    }
    SECTION("a parent that does not exist, one of another level, none") {
        const hsa::CycleResult result = repair([](SplatRegistry& r) {
            r.parent[0] = 123456;
            r.parent[1] = r.id[0];
            r.parent[2] = hsa::kNoSplat;
        });
        REQUIRE(result.events.size() == 1);
        CHECK(result.events[0].after ==
              std::vector<SplatId>{sound.id[0], sound.id[1], sound.id[2]});
    }
    SECTION("numbers") {
        const hsa::CycleResult result = repair([](SplatRegistry& r) {
            r.gaussians.variance(3, 2) = recover_test::kNan;
            r.gaussians.centre(7, 0) = recover_test::kNan;
        });
        CHECK(result.events.size() == 2);
    }
    SECTION("axes that are too far apart") {
        const hsa::CycleResult result = repair([](SplatRegistry& r) {
            r.gaussians.kind[2] = hsa::CovarianceKind::diagonal;
            r.gaussians.variance(2, 0) *= 1e-10F;
        });
        REQUIRE(result.events.size() == 1);
        const auto now = result.state.registry->gaussians.variance.row(2);
        CHECK(*std::max_element(now.begin(), now.end()) <=
              1.001e4F * *std::min_element(now.begin(), now.end()));
        CHECK(now[1] == sound.gaussians.variance(2, 1));
    }
    SECTION("a width beyond the data") {
        const hsa::CycleResult result = repair([](SplatRegistry& r) {
            for (float& v : r.gaussians.variance.row(5)) v *= 1e9F;
        });
        REQUIRE(result.events.size() == 1);
        CHECK(result.events[0].decided_by[0].value > hsa::kMostWidth);
    }
    SECTION("loud splats") {
        const hsa::CycleResult result = repair([](SplatRegistry& r) {
            r.log_amplitude[2] += recover_test::kLoud;
            r.log_amplitude[3] += recover_test::kLoud;
        });
        REQUIRE(result.events.size() == 1);
        for (const std::size_t row : {2U, 3U})
            CHECK(std::abs(result.state.registry->log_amplitude[row] - sound.log_amplitude[row]) <
                  3.0F);
    }
    SECTION("a loud level") {
        const hsa::CycleResult result = repair([](SplatRegistry& r) {
            for (const std::size_t row : r.rows_of_level(1))
                r.log_amplitude[row] += recover_test::kLoud;
        });
        REQUIRE(result.events.size() == 1);
        for (const std::size_t row : sound.rows_of_level(1))
            CHECK(result.state.registry->log_amplitude[row] ==
                  Approx(sound.log_amplitude[row]).margin(0.05));
    }
    SECTION("all too loud") {
        const hsa::CycleResult result = repair([](SplatRegistry& r) {
            for (float& w : r.log_amplitude) w += recover_test::kLoud;
        });
        CHECK(result.events.size() == 3);
        // One common factor divides out: the background has what it had.
        for (std::size_t row = 0; row < sound.size(); ++row)
            CHECK(result.state.registry->log_amplitude[row] ==
                  Approx(sound.log_amplitude[row]).margin(0.05));
    }
    SECTION("an emptied level between others") {
        const std::size_t before = sound.count(1);
        const hsa::CycleResult result =
            repair([](SplatRegistry& r) { recover_test::empty_level(r, 1); });
        const SplatRegistry& now = *result.state.registry;
        CHECK(now.count(1) <= scene.state.starting_splats[1]);
        CHECK(now.count(1) * 2 >= before);
        for (const std::size_t row : now.rows_of_level(1)) CHECK(now.id[row] >= sound.next_id);
        CHECK(result.whole->levels[1].usage == Approx(now.hierarchy.share(1)).epsilon(0.05));
    }
    SECTION("the coarsest level") {
        (void)repair([](SplatRegistry& r) { recover_test::empty_level(r, 2); });
    }
    SECTION("a level without amplitudes") {
        (void)repair([](SplatRegistry& r) {
            for (const std::size_t row : r.rows_of_level(1))
                r.log_amplitude[row] = -std::numeric_limits<float>::infinity();
        });
    }
    SECTION("several at once") {
        const hsa::CycleResult result = repair([](SplatRegistry& r) {
            recover_test::scramble_parents(r);
            r.gaussians.variance(3, 2) = recover_test::kNan;
            r.log_amplitude[2] += recover_test::kLoud;
            recover_test::empty_level(r, 2);
        });
        std::set<std::string> reasons;
        for (const Event& event : result.events) reasons.insert(event.decided_by.at(0).name);
        CHECK(reasons.size() >= 4);
    }
}

TEST_CASE("cycles repair what automatic repair allows, and end where the undamaged do",
          "[adapt][recover][plain]") {
    Scene scene;
    constexpr int kCycles = 20;
    const double undamaged = row_kl_after(scene, scene.state, kCycles);
    const SplatRegistry damaged = scene.damaged([](SplatRegistry& r) {
        recover_test::scramble_parents(r);
        for (float& v : r.gaussians.variance.row(1)) v = recover_test::kNan;
        r.log_amplitude[4] += recover_test::kLoud;
        recover_test::empty_level(r, 2);
    });
    CHECK(row_kl_after(scene, scene.with(damaged), kCycles) <= 1.05 * undamaged);
    const hsa::CycleResult first = scene.lab.step(scene.with(damaged));
    SplatRegistry replayed = damaged;
    for (const Event& event : first.events)
        if (event.accepted) hsa::apply(event.delta, replayed);
    CHECK(hsa::same_bits(replayed, *first.state.registry));

    // By default what breaks a rule alone: the tree stays torn, amplitudes loud.
    scene.lab.settings.repair = hsa::AutomaticRepair::faults;
    const SplatRegistry torn = scene.damaged([](SplatRegistry& r) {
        r.parent[0] = 123456;
        r.log_amplitude[4] += recover_test::kLoud;
    });
    const hsa::CycleResult rules = scene.lab.step(scene.with(torn));
    CHECK(adapt_test::count_events(rules.events, EventKind::repair, true) == 1);
    scene.lab.settings.repair = hsa::AutomaticRepair::off;
    const SplatRegistry nan =
        scene.damaged([](SplatRegistry& r) { r.gaussians.variance(3, 0) = recover_test::kNan; });
    CHECK_THROWS_AS(scene.lab.step(scene.with(nan)), hsa::Error);
}

TEST_CASE("a repair of sound splats says so and changes nothing", "[adapt][recover]") {
    const Scene scene;
    for (const char* kind : {"", "orphans", "numbers"}) {
        const hsa::CycleResult result = repaired(scene, *scene.state.registry, kind);
        REQUIRE(result.events.size() == 1);
        CHECK_FALSE(result.events[0].accepted);
        CHECK(hsa::same_bits(*result.state.registry, *scene.state.registry));
    }
    CHECK_THROWS_AS(repaired(scene, *scene.state.registry, "everything"), hsa::Error);
}

TEST_CASE("only the kind that is asked for is repaired; rebalancing is one of them",
          "[adapt][recover]") {
    const Scene scene;
    const SplatRegistry damaged = scene.damaged([](SplatRegistry& r) {
        recover_test::scramble_parents(r);
        r.log_amplitude[2] += recover_test::kLoud;
    });
    const hsa::CycleResult result = repaired(scene, damaged, "amplitudes");
    REQUIRE(result.events.size() == 1);
    CHECK(result.state.registry->parent == damaged.parent);
    // One splat drowns its level; calibrating weighs all of them anew.
    const SplatRegistry uneven =
        scene.damaged([](SplatRegistry& r) { r.log_amplitude[2] += 12.0F; });
    const hsa::CycleResult balanced = repaired(scene, uneven, "rebalance");
    CHECK(balanced.events.size() == 3);
    double most = 0.0;
    for (const std::size_t row : uneven.rows_of_level(0))
        most = std::max(most, balanced.whole->usage[row]);
    CHECK(most < 0.3 * balanced.whole->levels[0].usage);
}
