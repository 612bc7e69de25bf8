#include "engine/adapt/edits.h"

#include "engine/adapt/measures.h"
#include "engine/attention/factors.h"
#include "engine/core/error.h"
#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <cmath>

using adapt_test::Lab;
using hsa::Edit;
using hsa::EventKind;

namespace {

// Two levels on eight clusters: eight splats below, two above.
struct Scene {
    std::vector<std::vector<double>> around = adapt_test::directions(8, 6, 51);
    Lab lab;
    hsa::AdaptState state;

    explicit Scene(bool made_here = false) {
        lab.data = adapt_test::data_of(adapt_test::clusters(640, around, 8, 52), 2);
        std::vector<hsa::Splat> splats;
        for (const auto& direction : around)
            splats.push_back(adapt_test::splat_at(direction, 1.0, 0));
        splats.push_back(adapt_test::splat_at(around[0], 0.1, 1));
        splats.push_back(adapt_test::splat_at(around[4], 0.1, 1));
        hsa::SplatRegistry registry =
            adapt_test::registry_of(splats, {{"Token", 1.0}, {"Phrase", 1.0}});
        for (std::size_t s = 0; s < 8; ++s) registry.parent[s] = s < 4 ? 8 : 9;
        registry.made_here = made_here;
        state = lab.begin(registry);
    }
    [[nodiscard]] hsa::CycleResult edit(const Edit& edit) const {
        return hsa::apply_edit(*lab.backend, lab.input(), state, edit, {});
    }
    [[nodiscard]] std::vector<double> usage(const hsa::SplatRegistry& registry) const {
        return hsa::usage_of(
            hsa::compute_factors(*lab.backend, registry, lab.data.coordinates, {}, {}));
    }
};

Edit make(Edit::Kind kind, std::vector<hsa::SplatId> splats = {}) {
    Edit edit;
    edit.kind = kind;
    edit.splats = std::move(splats);
    return edit;
}

// What every edit owes: one event by the user whose delta is the whole change.
const hsa::Event& check_event(const Scene& scene, const hsa::CycleResult& result, EventKind kind) {
    REQUIRE(result.events.size() == 1);
    const hsa::Event& event = result.events.front();
    CHECK(event.kind == kind);
    CHECK(event.by == hsa::Actor::user);
    CHECK(event.accepted);
    CHECK(event.cycle == scene.state.cycle);
    CHECK(result.state.cycle == scene.state.cycle);
    CHECK_FALSE(event.text.empty());
    hsa::SplatRegistry replayed = *scene.state.registry;
    hsa::apply(event.delta, replayed);
    CHECK(hsa::same_bits(replayed, *result.state.registry));
    CHECK_NOTHROW(hsa::check_invariants(*result.state.registry));
    return event;
}

}  // namespace

TEST_CASE("a split by hand makes two halves", "[adapt][edits]") {
    const Scene scene;
    const hsa::CycleResult result = scene.edit(make(Edit::Kind::split, {2}));
    const hsa::Event& event = check_event(scene, result, EventKind::split);
    CHECK(event.before == std::vector<hsa::SplatId>{2});
    REQUIRE(event.after.size() == 2);
    const hsa::SplatRegistry& registry = *result.state.registry;
    CHECK(registry.size() == 11);
    CHECK_FALSE(registry.find(2).has_value());
    const hsa::Splat whole = scene.state.registry->splat(2);
    for (std::size_t a = 0; a < 6; ++a)
        CHECK(registry.gaussians.centre(registry.row(event.after[0]), a) +
                  registry.gaussians.centre(registry.row(event.after[1]), a) ==
              Approx(2.0F * whole.centre[a]).margin(1e-5));
    CHECK_THROWS_WITH(scene.edit(make(Edit::Kind::split, {77})), Catch::Contains("77"));
    CHECK_THROWS_AS(scene.edit(make(Edit::Kind::split, {1, 2})), hsa::Error);
}

TEST_CASE("removing splats gives children the best remaining parent", "[adapt][edits]") {
    const Scene scene;
    const hsa::CycleResult result = scene.edit(make(Edit::Kind::remove, {9}));
    check_event(scene, result, EventKind::remove);
    for (std::size_t s = 0; s < 8; ++s) CHECK(result.state.registry->parent[s] == 8);
    CHECK_THROWS_WITH(scene.edit(make(Edit::Kind::remove, {8, 9})),
                      Catch::Contains("never empties"));
    CHECK(scene.state.registry->size() == 10);
}

TEST_CASE("a splat added from tokens sits on them and takes their share", "[adapt][edits]") {
    const Scene scene;
    Edit edit = make(Edit::Kind::add);
    edit.level = "Token";
    const std::vector<std::size_t> labels = adapt_test::labels(640, 8, 52);
    for (std::uint32_t i = 0; edit.tokens.size() < 5; ++i)
        if (labels[i] == 3) edit.tokens.push_back({i, i + 1});
    const hsa::CycleResult result = scene.edit(edit);
    const hsa::Event& event = check_event(scene, result, EventKind::add);
    const hsa::SplatRegistry& registry = *result.state.registry;
    REQUIRE(event.after.size() == 1);
    const std::size_t row = registry.row(event.after[0]);
    CHECK(registry.level[row] == 0);
    CHECK(registry.parent[row] != hsa::kNoSplat);
    double distance = 0.0;
    for (std::size_t a = 0; a < 6; ++a)
        distance += std::pow(static_cast<double>(registry.gaussians.centre(row, a)) -
                                 adapt_test::kLength * scene.around[3][a],
                             2);
    CHECK(distance < 1.0);
    // Its mean share of its own level.
    const hsa::Factors factors =
        hsa::compute_factors(*scene.lab.backend, registry, scene.lab.data.coordinates, {}, {});
    double share = 0.0;
    for (std::size_t i = 0; i < 640; ++i) {
        double level = 0.0;
        for (const std::size_t s : registry.rows_of_level(0))
            level += static_cast<double>(factors.p(i, s));
        share += static_cast<double>(factors.p(i, row)) / level / 640.0;
    }
    CHECK(share == Approx(5.0 / 640.0).epsilon(0.1));
    edit.tokens = {{630, 641}};
    CHECK_THROWS_WITH(scene.edit(edit), Catch::Contains("630:641"));
    edit.tokens = {};
    CHECK_THROWS_WITH(scene.edit(edit), Catch::Contains("select some"));
    edit.level = "Nowhere";
    CHECK_THROWS_WITH(scene.edit(edit), Catch::Contains("Nowhere"));
}

TEST_CASE("a merge by hand keeps the usage of the two", "[adapt][edits]") {
    Scene scene;
    // Splats 0 and 8 of one cluster, so that one Gaussian can stand for both; unlike weights.
    std::vector<hsa::Splat> splats;
    for (const auto& direction : scene.around)
        splats.push_back(adapt_test::splat_at(direction, 1.0));
    splats.push_back(splats[0]);
    splats.back().centre[0] += 0.2F;
    splats.back().log_amplitude = -1.0F;
    scene.lab.data = adapt_test::data_of(adapt_test::clusters(640, scene.around, 8, 52), 1);
    scene.state = scene.lab.begin(adapt_test::registry_of(splats));
    const std::vector<double> before = scene.usage(*scene.state.registry);
    const hsa::CycleResult result = scene.edit(make(Edit::Kind::merge, {0, 8}));
    const hsa::Event& event = check_event(scene, result, EventKind::join);
    CHECK(event.before == std::vector<hsa::SplatId>{0, 8});
    const hsa::SplatRegistry& registry = *result.state.registry;
    REQUIRE(event.after.size() == 1);
    CHECK(registry.size() == 8);
    const std::vector<double> after = scene.usage(registry);
    CHECK(after[registry.row(event.after[0])] == Approx(before[0] + before[8]).epsilon(0.01));
    for (std::size_t s = 1; s < 8; ++s)
        CHECK(after[registry.row(static_cast<hsa::SplatId>(s))] == Approx(before[s]).epsilon(0.01));
    // The centre lies between the two, nearer to the one that is used more.
    const double share = before[0] / (before[0] + before[8]);
    const float x0 = splats[0].centre[0];
    CHECK(registry.gaussians.centre(registry.row(event.after[0]), 0) ==
          Approx(static_cast<double>(x0) + 0.2 * (1.0 - share)).margin(1e-4));
    CHECK_THROWS_AS(scene.edit(make(Edit::Kind::merge, {0})), hsa::Error);
}

TEST_CASE("a move shifts one centre", "[adapt][edits]") {
    const Scene scene;
    Edit edit = make(Edit::Kind::move, {5});
    edit.values = {0.5, 0, 0, 0, 0, -0.25};
    const hsa::CycleResult result = scene.edit(edit);
    check_event(scene, result, EventKind::move);
    CHECK(result.state.registry->gaussians.centre(5, 0) ==
          scene.state.registry->gaussians.centre(5, 0) + 0.5F);
    CHECK(result.state.registry->gaussians.centre(5, 5) ==
          scene.state.registry->gaussians.centre(5, 5) - 0.25F);
    edit.values = {1.0};
    CHECK_THROWS_WITH(scene.edit(edit), Catch::Contains("6 dimensions"));
}

TEST_CASE("calibration by hand makes shares meet the level weights", "[adapt][edits]") {
    const Scene scene;
    const hsa::CycleResult result = scene.edit(make(Edit::Kind::calibrate));
    check_event(scene, result, EventKind::calibrate);
    const std::vector<double> usage = scene.usage(*result.state.registry);
    double fine = 0.0;
    for (std::size_t s = 0; s < 8; ++s) {
        fine += usage[s];
        CHECK(usage[s] == Approx(1.0 / 16.0).epsilon(0.1));
    }
    CHECK(fine == Approx(0.5).epsilon(0.05));
}

TEST_CASE("a level weight is a share of attention where the program made the registry",
          "[adapt][edits]") {
    const bool made_here = GENERATE(false, true);
    const Scene scene(made_here);
    Edit edit = make(Edit::Kind::level_weight);
    edit.level = "Phrase";
    edit.values = {3.0};
    const hsa::CycleResult result = scene.edit(edit);
    check_event(scene, result, EventKind::adjust);
    CHECK(result.state.registry->hierarchy.share(1) == Approx(0.75));
    const std::vector<double> usage = scene.usage(*result.state.registry);
    const double share = (usage[8] + usage[9]) / (1.0 - usage[10]);
    if (made_here) CHECK(share == Approx(0.75).epsilon(1e-3));
    else CHECK(std::abs(share - 0.75) > 0.01);
    edit.values = {-1.0};
    CHECK_THROWS_AS(scene.edit(edit), hsa::Error);
    edit.level = "Nowhere";
    CHECK_THROWS_WITH(scene.edit(edit), Catch::Contains("Nowhere"));
}

TEST_CASE("edits work without a target", "[adapt][edits]") {
    Scene scene;
    scene.lab.data.target = nullptr;
    scene.state = scene.lab.begin(*scene.state.registry);
    const hsa::CycleResult result = scene.edit(make(Edit::Kind::split, {2}));
    check_event(scene, result, EventKind::split);
    CHECK(std::isfinite(result.events.front().objective_after));
}

TEST_CASE("width and amplitude of one splat by hand change nothing else", "[adapt][edits]") {
    const Scene scene;
    const hsa::SplatRegistry& before = *scene.state.registry;
    Edit widen = make(Edit::Kind::widen, {5});
    widen.values = {2.0};
    const hsa::CycleResult wider = scene.edit(widen);
    check_event(scene, wider, EventKind::adjust);
    Edit weigh = make(Edit::Kind::amplitude, {5});
    weigh.values = {3.0};
    const hsa::CycleResult stronger = scene.edit(weigh);
    check_event(scene, stronger, EventKind::adjust);
    for (std::size_t s = 0; s < before.size(); ++s) {
        const float times = s == 5 ? 4.0F : 1.0F;
        CHECK(wider.state.registry->gaussians.variance(s, 0) ==
              times * before.gaussians.variance(s, 0));
        CHECK(wider.state.registry->log_amplitude[s] == before.log_amplitude[s]);
        CHECK(stronger.state.registry->gaussians.variance(s, 0) == before.gaussians.variance(s, 0));
        CHECK(stronger.state.registry->log_amplitude[s] ==
              (s == 5 ? Approx(std::log(3.0)) : Approx(before.log_amplitude[s])));
    }
    CHECK(scene.usage(*stronger.state.registry)[5] > scene.usage(before)[5]);
    weigh.values = {0.0};
    CHECK_THROWS_WITH(scene.edit(weigh), Catch::Contains("above 0"));
    widen.values = {1.0, 2.0};
    CHECK_THROWS_WITH(scene.edit(widen), Catch::Contains("one factor"));
    Edit stretch = make(Edit::Kind::stretch, {5});
    stretch.values = {2.0, 1, 0, 0, 0, 0, 0};
    CHECK_THROWS_WITH(scene.edit(stretch), Catch::Contains("spherical"));
    stretch.values = {2.0, 1};
    CHECK_THROWS_WITH(scene.edit(stretch), Catch::Contains("direction of 6"));
    Edit turn = make(Edit::Kind::turn, {5});
    turn.values.assign(13, 0.5);
    CHECK_THROWS_WITH(scene.edit(turn), Catch::Contains("from every side"));
    turn.values = {0.5};
    CHECK_THROWS_WITH(scene.edit(turn), Catch::Contains("two directions of 6"));
}

TEST_CASE("a parent by hand stays until its edit is taken back", "[adapt][edits]") {
    // Splat 0 lies where 8 does, 9 far from both.
    const Scene scene;
    const hsa::CycleResult put = scene.edit(make(Edit::Kind::reparent, {0, 9}));
    const hsa::Event& event = check_event(scene, put, EventKind::reparent);
    CHECK(event.before == std::vector<hsa::SplatId>{0});
    CHECK(event.text.find("under splat 9") != std::string::npos);
    // It is only the link that changed.
    hsa::SplatRegistry expected = *scene.state.registry;
    expected.parent[0] = 9;
    CHECK(hsa::same_bits(*put.state.registry, expected));
    REQUIRE(event.decided_by.size() == 1);
    CHECK(event.decided_by[0].value < event.decided_by[0].threshold);

    const auto then = [&](const hsa::AdaptState& state, const Edit& edit) {
        return hsa::apply_edit(*scene.lab.backend, scene.lab.input(), state, edit, {}).state;
    };
    const auto parent = [](const hsa::AdaptState& state, hsa::SplatId id) {
        return state.registry->parent[state.registry->row(id)];
    };
    SECTION("while others find theirs by overlap") {
        const Edit split = make(Edit::Kind::split, {6});
        const hsa::AdaptState held = then(put.state, split);
        const hsa::AdaptState free = then(scene.state, split);
        CHECK(parent(free, 0) == 8);
        for (const hsa::SplatId id : free.registry->id)
            CHECK(parent(held, id) == (id == 0 ? 9 : parent(free, id)));
    }
    SECTION("over cycles") {
        hsa::AdaptState state = put.state;
        for (int cycle = 0; cycle < 2; ++cycle) state = scene.lab.step(state).state;
        if (state.registry->find(0) && state.registry->find(9)) CHECK(parent(state, 0) == 9);
        else CHECK(state.held_parents.empty());
    }
    SECTION("and goes back to the best") {
        const hsa::AdaptState back = then(put.state, make(Edit::Kind::reparent, {0}));
        CHECK(parent(back, 0) == 8);
        CHECK(back.held_parents.empty());
    }
    SECTION("or ends with the parent") {
        const hsa::AdaptState gone = then(put.state, make(Edit::Kind::remove, {9}));
        CHECK(parent(gone, 0) == 8);
        CHECK(gone.held_parents.empty());
    }
}

TEST_CASE("a parent is of the level above", "[adapt][edits]") {
    const Scene scene;
    CHECK_THROWS_WITH(scene.edit(make(Edit::Kind::reparent, {2, 3})),
                      Catch::Contains("level above, Phrase"));
    CHECK_THROWS_WITH(scene.edit(make(Edit::Kind::reparent, {8, 9})),
                      Catch::Contains("coarsest level"));
    CHECK_THROWS_WITH(scene.edit(make(Edit::Kind::reparent, {2, 77})), Catch::Contains("77"));
    CHECK_THROWS_AS(scene.edit(make(Edit::Kind::reparent)), hsa::Error);
}
