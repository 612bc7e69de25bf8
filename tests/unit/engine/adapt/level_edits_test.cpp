#include "engine/adapt/level_edits.h"

#include "engine/adapt/controller.h"
#include "engine/adapt/level_optimise.h"
#include "engine/attention/factors.h"
#include "engine/core/error.h"
#include "engine/model/level_coordinates.h"
#include "tests/unit/engine/adapt/initialise_test.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

using Catch::Matchers::Contains;
using hsa::Edit;
using hsa::SplatRegistry;

namespace {

Edit edit_of(Edit::Kind kind, const std::string& level, const std::string& other = "",
             std::vector<double> values = {}) {
    Edit edit;
    edit.kind = kind;
    edit.level = level;
    edit.other = other;
    edit.values = std::move(values);
    return edit;
}
Edit add(const std::string& level, const std::string& other, bool after, double splats = 0) {
    return edit_of(Edit::Kind::add_level, level, other, {after ? 1.0 : 0.0, splats});
}

constexpr std::size_t kBeginning = 3000;  // bytes: some 650 tokens

// The beginning of the sample as the recipe makes it, and a state that edits and cycles move on.
struct Scene {
    initialise_test::Made made;
    std::unique_ptr<hsa::Backend> backend = initialise_test::cpu();
    std::shared_ptr<const hsa::Coordinates> coordinates;  // of the state
    std::shared_ptr<const hsa::Target> target;
    hsa::AdaptSettings settings;
    hsa::AdaptState state;

    explicit Scene(bool with_target = true, std::size_t levels = 4,
                   const std::function<void(SplatRegistry&)>& change = {})
        : made(initialise_test::make(
              embed_test::embedded(embed_test::sample("voyage.txt").substr(0, kBeginning)), {}, {},
              levels)) {
        coordinates = std::make_shared<const hsa::Coordinates>(made.coordinates);
        if (with_target) target = std::make_shared<const hsa::Target>(*made.coordinates.base, 0.3);
        if (change) change(made.registry);
        state = hsa::begin_adaptation(*backend, input(),
                                      std::make_shared<const SplatRegistry>(made.registry), {})
                    .state;
    }
    [[nodiscard]] hsa::AdaptInput input() const {
        return {made.dataset, *coordinates, target, settings};
    }
    void take(const hsa::CycleResult& result) {
        SplatRegistry replayed = *state.registry;
        for (const hsa::Event& event : result.events)
            if (event.accepted) hsa::apply(event.delta, replayed);
        CHECK(hsa::same_bits(replayed, *result.state.registry));
        CHECK(hsa::hash_registry(replayed) == hsa::hash_registry(*result.state.registry));
        CHECK_NOTHROW(hsa::check_invariants(*result.state.registry));
        state = result.state;
        // What a history would be looked back with: blocks that stay are shared.
        const auto base = std::make_shared<const hsa::Coordinates>(made.coordinates);
        const std::vector<std::shared_ptr<const hsa::Coordinates>> known = {base, coordinates};
        coordinates = std::make_shared<const hsa::Coordinates>(
            hsa::coordinates_for(known, *state.registry, {}));
        const std::size_t size = state.registry->hierarchy.size();
        CHECK(coordinates->levels.size() == size);
        CHECK(state.learning_rate.size() == size);
        CHECK(state.best_kl.size() == size);
        CHECK(state.starting_splats.size() == size);
        REQUIRE(result.measures.level_names.size() == size);
        for (std::size_t l = 0; l < size; ++l)
            CHECK(result.measures.level_names[l] == state.registry->hierarchy.levels[l].name);
    }
    hsa::Event edit(const Edit& edit) {
        const hsa::CycleResult result =
            hsa::apply_edit(*backend, input(), state, edit, hsa::Work{});
        REQUIRE(result.events.size() == 1);
        CHECK(result.events[0].kind == hsa::EventKind::level);
        CHECK(result.events[0].by == hsa::Actor::user);
        take(result);
        return result.events[0];
    }
    void step() { take(hsa::adapt_cycle(*backend, input(), state, {})); }
    // Share of attention that goes through each level, the background left out.
    [[nodiscard]] std::vector<double> shares() const {
        const hsa::Factors factors =
            hsa::compute_factors(*backend, *state.registry, *coordinates, {}, {});
        const std::vector<double> usage = initialise_test::usage_of(factors);
        std::vector<double> share(state.registry->hierarchy.size(), 0.0);
        double all = 0.0;
        for (std::size_t s = 0; s < state.registry->size(); ++s) {
            share[state.registry->level[s]] += usage[s];
            all += usage[s];
        }
        for (double& each : share) each /= all;
        return share;
    }
    [[nodiscard]] std::string names() const {
        std::string names;
        for (const hsa::Level& level : state.registry->hierarchy.levels) names += level.name + " ";
        return names;
    }
};

void check_shares(const Scene& scene) {
    const std::vector<double> shares = scene.shares();
    for (std::size_t l = 0; l < shares.size(); ++l)
        CHECK(shares[l] == Approx(scene.state.registry->hierarchy.share(l)).epsilon(0.01));
}

}  // namespace

TEST_CASE("a level in between gets what lies between its neighbours", "[adapt][levels]") {
    Scene scene;
    const SplatRegistry before = *scene.state.registry;
    const hsa::Event event = scene.edit(add("Clause", "Phrase", false));
    const SplatRegistry& after = *scene.state.registry;
    CHECK(scene.names() == "Token Clause Phrase Section Document ");
    const auto splats = static_cast<double>(after.count(1));
    CHECK(splats == Approx(std::sqrt(static_cast<double>(before.count(0)) *
                                     static_cast<double>(before.count(1))))
                        .margin(1.0));
    CHECK(event.after.size() == after.count(1));
    CHECK(event.level == 1);
    CHECK(event.level_name == "Clause");
    CHECK_THAT(event.text, Contains("between Token and Phrase") && Contains("row-KL"));
    const auto& recipe = *after.coordinates;
    CHECK(recipe.level_names[1] == "Clause");
    CHECK(recipe.levels[1].h == Approx(0.5 * recipe.levels[2].h));
    CHECK(recipe.levels[2] == before.coordinates->levels[1]);
    // Its share is taken from all others alike, and attention keeps to it.
    const double mean = 0.5 * (before.hierarchy.share(0) + before.hierarchy.share(1));
    CHECK(after.hierarchy.share(1) == Approx(mean / (1.0 + mean)));
    CHECK(after.hierarchy.share(3) / after.hierarchy.share(4) ==
          Approx(before.hierarchy.share(2) / before.hierarchy.share(3)));
    check_shares(scene);
    // Both sides have parents one level up.
    for (std::size_t row = 0; row < after.size(); ++row)
        if (after.level[row] < 4) CHECK(after.parent[row] != hsa::kNoSplat);
    // The splats of the other levels are those of before, in shape and place.
    for (const hsa::SplatId id : before.id) {
        const hsa::Splat was = before.splat(before.row(id));
        const hsa::Splat is = after.splat(after.row(id));
        CHECK(was.centre == is.centre);
        CHECK(was.variance == is.variance);
        CHECK(was.beta == is.beta);
    }
    // The block of the new level is what its recipe gives on the same rows, bit for bit.
    const auto block =
        hsa::block_of_level(*scene.made.coordinates.base, scene.made.coordinates.token_weight,
                            recipe.trailing, recipe.levels[1], {});
    CHECK(std::equal(block->data(), block->data() + block->size(),
                     scene.coordinates->levels[1]->data()));
    CHECK(scene.coordinates->levels[2] == scene.made.coordinates.levels[1]);
}

TEST_CASE("levels at either end, and of a number of splats", "[adapt][levels]") {
    Scene scene;
    scene.edit(add("Sign", "Token", false, 20));
    CHECK(scene.state.registry->count(0) == 20);
    CHECK(scene.state.registry->coordinates->levels[0].h == 0.0);
    CHECK(scene.coordinates->levels[0] == scene.coordinates->levels[1]);  // as Token, unsmoothed
    scene.edit(add("Whole", "Document", true, 1));
    CHECK(scene.names() == "Sign Token Phrase Section Document Whole ");
    CHECK(scene.state.registry->count(5) == 1);
    const auto& levels = scene.state.registry->coordinates->levels;
    CHECK(levels[5].h > levels[4].h);
    check_shares(scene);
    scene.step();
    check_shares(scene);
}

TEST_CASE("a level that goes leaves its attention to the others", "[adapt][levels]") {
    Scene scene;
    const SplatRegistry before = *scene.state.registry;
    const hsa::Event event = scene.edit(edit_of(Edit::Kind::remove_level, "Phrase"));
    const SplatRegistry& after = *scene.state.registry;
    CHECK(scene.names() == "Token Section Document ");
    CHECK(event.level_name == "Phrase");
    CHECK(event.before.size() == before.count(1));
    CHECK(after.size() == before.size() - before.count(1));
    CHECK(after.coordinates->levels.size() == 3);
    CHECK(after.coordinates->levels[1] == before.coordinates->levels[2]);
    CHECK(scene.coordinates->levels[1] == scene.made.coordinates.levels[2]);
    double total = 0.0;
    double were = 0.0;
    for (const hsa::Level& level : after.hierarchy.levels) total += level.weight;
    for (const hsa::Level& level : before.hierarchy.levels) were += level.weight;
    CHECK(total == Approx(were));
    for (std::size_t row = 0; row < after.size(); ++row)
        if (after.level[row] < 2) CHECK(after.parent[row] != hsa::kNoSplat);
    check_shares(scene);
    // Back under the same name: the same smoothing between the same neighbours.
    scene.edit(add("Phrase", "Token", true));
    CHECK(scene.state.registry->coordinates->levels.size() == 4);
}

TEST_CASE("a renamed level is the same level", "[adapt][levels]") {
    Scene scene;
    const SplatRegistry before = *scene.state.registry;
    const hsa::Event event = scene.edit(edit_of(Edit::Kind::rename_level, "Section", "Chapter"));
    CHECK(event.level_name == "Chapter");
    CHECK(event.objective_before == Approx(event.objective_after));
    SplatRegistry same = *scene.state.registry;
    CHECK(same.coordinates->level_names[2] == "Chapter");
    same.hierarchy = before.hierarchy;
    same.coordinates = before.coordinates;
    CHECK(hsa::same_bits(same, before));
    CHECK(hsa::hash_registry(*scene.state.registry) != hsa::hash_registry(before));
}

TEST_CASE("changes of levels that cannot be are sentences", "[adapt][levels]") {
    const Scene scene;
    const auto refused = [&](const Edit& edit, const char* words) {
        const std::uint64_t hash = hsa::hash_registry(*scene.state.registry);
        CHECK_THROWS_WITH(hsa::apply_edit(*scene.backend, scene.input(), scene.state, edit, {}),
                          Contains(words));
        CHECK(hsa::hash_registry(*scene.state.registry) == hash);
    };
    refused(add("Token", "Phrase", true), "a level Token already");
    refused(add("", "Phrase", true), "needs a name");
    refused(add("Clause", "Chapter", true), "no level 'Chapter'");
    refused(add("Clause", "Phrase", true, 100000), "holds at most");
    refused(add("Clause", "Phrase", true, std::nan("")), "a number of splats");
    refused(edit_of(Edit::Kind::add_level, "Clause", "Phrase"), "a number of splats");
    refused(edit_of(Edit::Kind::remove_level, "Chapter"), "no level 'Chapter'");
    refused(edit_of(Edit::Kind::rename_level, "Phrase", "Token"), "a level Token already");
    const Scene one(true, 1);
    CHECK_THROWS_WITH(hsa::apply_edit(*one.backend, one.input(), one.state,
                                      edit_of(Edit::Kind::remove_level, "Token"), {}),
                      Contains("the only one and stays"));
    const Scene heavy(true, 2,
                      [](SplatRegistry& registry) { registry.hierarchy.levels[0].weight = 0.0; });
    CHECK_THROWS_WITH(
        hsa::apply_edit(*heavy.backend, heavy.input(), heavy.state,
                        edit_of(Edit::Kind::remove_level, heavy.made.hierarchy.levels[1].name), {}),
        Contains("all the weight"));
}

TEST_CASE("one level of ordered rows gets a smoothed one beside it", "[adapt][levels]") {
    Scene scene(true, 1);
    scene.edit(add("Around", "Token", true));
    CHECK(scene.state.registry->coordinates->levels[1].h >= 12.0);
    CHECK(scene.state.registry->count(1) >= 2);
    check_shares(scene);
}

TEST_CASE("splats of a file take a level in without being solved anew", "[adapt][levels]") {
    Scene scene(true, 3, [](SplatRegistry& registry) { registry.made_here = false; });
    const SplatRegistry before = *scene.state.registry;
    scene.edit(add("Clause", "Token", true, 12));
    const SplatRegistry& after = *scene.state.registry;
    for (const hsa::SplatId id : before.id)
        CHECK(after.log_amplitude[after.row(id)] == before.log_amplitude[before.row(id)]);
    CHECK(scene.shares()[1] == Approx(after.hierarchy.share(1)).epsilon(0.03));
}

TEST_CASE("twenty cycles after levels came and went stay sound", "[adapt][levels][settle]") {
    for (const bool with_target : {true, false}) {
        Scene scene(with_target);
        scene.settings.preset = hsa::Preset::fast;
        scene.step();
        scene.edit(add("Clause", "Phrase", false, 15));
        scene.step();
        scene.edit(edit_of(Edit::Kind::remove_level, "Section"));
        scene.edit(edit_of(Edit::Kind::rename_level, "Clause", "Group"));
        CHECK(scene.names() == "Token Group Phrase Document ");
        for (int cycle = 0; cycle < (with_target ? 20 : 4); ++cycle) scene.step();
        check_shares(scene);
    }
}

TEST_CASE("rows as they are have the same coordinates at a new level", "[adapt][levels]") {
    Scene scene(true, 2);
    scene.made.coordinates.recipe.reset();
    scene.made.coordinates.levels.assign(2, scene.made.coordinates.base);
    scene.coordinates = std::make_shared<const hsa::Coordinates>(scene.made.coordinates);
    SplatRegistry registry = *scene.state.registry;
    registry.coordinates.reset();
    scene.state = hsa::begin_adaptation(*scene.backend, scene.input(),
                                        std::make_shared<const SplatRegistry>(registry), {})
                      .state;
    scene.edit(add("Middle", "Token", true, 9));
    CHECK(scene.coordinates->levels.size() == 3);
    CHECK(scene.coordinates->levels[1] == scene.coordinates->base);
    scene.edit(edit_of(Edit::Kind::remove_level, "Token"));
    CHECK(scene.coordinates->levels.size() == 2);
    scene.step();
}

TEST_CASE("a level that says nothing is taken out, and the rest is left", "[adapt][levels]") {
    // Phrase is made blind: the same wide splat everywhere.
    Scene scene(true, 4, [](SplatRegistry& registry) {
        for (const std::size_t row : registry.rows_of_level(1)) {
            for (float& value : registry.gaussians.centre.row(row)) value = 0.0F;
            for (float& value : registry.gaussians.variance.row(row)) value = 100.0F;
        }
    });
    const double before = scene.state.best_kl[1];
    const auto optimise = [&](double least, double most) {
        Edit edit = edit_of(Edit::Kind::optimise_levels, "", "", {least, most});
        edit.kept = {"Token", "Section", "Document"};
        return hsa::apply_edit(*scene.backend, scene.input(), scene.state, edit, {});
    };
    const hsa::CycleResult none = optimise(4, 4);
    REQUIRE(none.events.size() == 1);
    CHECK_FALSE(none.events[0].accepted);
    CHECK_THAT(none.events[0].text, Contains("No change"));
    CHECK(hsa::same_bits(*none.state.registry, *scene.state.registry));

    const hsa::CycleResult result = optimise(3, 4);
    CHECK(before > 0.0);
    REQUIRE(result.events.size() == 1);
    const hsa::Event event = result.events[0];
    CHECK(event.accepted);
    CHECK(event.level_name == "Phrase");
    CHECK(event.d < 0.0);
    REQUIRE_FALSE(event.decided_by.empty());
    CHECK(event.d + 2.0 * event.se < event.decided_by[0].threshold);
    CHECK_THAT(event.text, Contains("Without Phrase"));
    scene.take(result);
    CHECK(scene.names() == "Token Section Document ");
    check_shares(scene);
    CHECK_THROWS_WITH(optimise(3, 2), Contains("the least first"));
    scene.target.reset();
    CHECK_THROWS_WITH(optimise(1, 6), Contains("against a target"));
}

TEST_CASE("whatever is optimised stays within its bounds and has its reasons", "[adapt][levels]") {
    Scene scene;
    scene.edit(add("Clause", "Phrase", false, 10));
    const std::size_t levels = scene.state.registry->hierarchy.size();
    const hsa::CycleResult result =
        hsa::apply_edit(*scene.backend, scene.input(), scene.state,
                        edit_of(Edit::Kind::optimise_levels, "", "", {2.0, 6.0}), {});
    for (const hsa::Event& event : result.events) {
        if (!event.accepted) continue;
        const hsa::Reason& reason = event.decided_by.front();
        CHECK(reason.value == event.d);
        if (event.before.empty()) CHECK(event.d + event.se < reason.threshold);
        else CHECK(event.d + 2.0 * event.se < reason.threshold);
    }
    scene.take(result);
    CHECK(scene.state.registry->hierarchy.size() >= 2);
    CHECK(scene.state.registry->hierarchy.size() <= std::max<std::size_t>(levels, 6));
    scene.step();
}

TEST_CASE("how many levels a length wants, and where one is wanted", "[adapt][levels]") {
    CHECK(hsa::levels_by_length(10) == 1.0);
    CHECK(hsa::levels_by_length(40) == 1.0);
    CHECK(hsa::levels_by_length(20480) == Approx(4.0));
    const Scene scene;
    const SplatRegistry& registry = *scene.state.registry;
    const std::size_t gap = hsa::widest_gap(registry);
    REQUIRE(gap > 0);
    if (gap < registry.hierarchy.size()) CHECK(registry.count(gap - 1) > 2 * registry.count(gap));
    CHECK(hsa::free_level_name(registry.hierarchy) == "Level 5");
}
