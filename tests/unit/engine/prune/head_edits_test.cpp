#include "engine/prune/head_edits.h"

#include "engine/core/error.h"
#include "engine/fit/fit.h"
#include "engine/prune/head_context.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"
#include "tests/unit/engine/fit/heads.h"

#include <algorithm>
#include <cmath>
#include <memory>

using hsa::Form;

namespace {

struct Edited {
    TestHead head;
    hsa::Dataset dataset;
    hsa::AdaptSettings settings;
    hsa::NearOptions near = {2, 0, 8, 2, false};
    std::unique_ptr<hsa::Backend> backend = reference::cpu();
    hsa::AdaptState state;

    explicit Edited(Form form) : head(clustered_head(400, 6, 8, 2.0, 3)) {
        hsa::FitOptions options;
        options.form = form;
        options.near = near;
        options.start.splats = 8;
        options.steps = 30;
        hsa::SplatRegistry fitted = hsa::fit(*backend, head.view(), options, {}).registry;
        state = hsa::begin_adaptation(*backend, input(),
                                      std::make_shared<const hsa::SplatRegistry>(fitted), {})
                    .state;
    }
    [[nodiscard]] hsa::AdaptInput input() const {
        hsa::AdaptInput read{dataset, head.coordinates, head.target, settings, 1, 1.0};
        read.near = near;
        return read;
    }
    [[nodiscard]] hsa::CycleResult apply(const hsa::Edit& edit) const {
        return hsa::apply_head_edit(*backend, input(), state, edit, {});
    }
    [[nodiscard]] double probe_kl(const hsa::SplatRegistry& registry) const {
        const hsa::Work work;
        const hsa::AdaptInput read = input();
        return hsa::HeadContext(*backend, read, registry, 0, work).probe_kl(registry);
    }
};

hsa::Edit edit_of(hsa::Edit::Kind kind, std::vector<hsa::SplatId> splats) {
    hsa::Edit edit;
    edit.kind = kind;
    edit.splats = std::move(splats);
    return edit;
}

}  // namespace

TEST_CASE("every edit of a head's splats is an event that replays bit for bit", "[prune]") {
    const Form form = GENERATE(Form::shared, Form::paired);
    const Edited head(form);
    const std::vector<hsa::SplatId>& id = head.state.registry->id;
    hsa::Edit move = edit_of(hsa::Edit::Kind::move, {id[1]});
    move.values.assign(form == Form::paired ? 12 : 6, 0.05);
    hsa::Edit add = edit_of(hsa::Edit::Kind::add, {});
    add.tokens = {{10, 20}, {40, 42}};
    const std::vector<hsa::Edit> edits = {
        edit_of(hsa::Edit::Kind::split, {id[0]}), edit_of(hsa::Edit::Kind::merge, {id[0], id[2]}),
        edit_of(hsa::Edit::Kind::remove, {id[3], id[4]}), move, add};
    const std::vector<int> grown = {1, -1, -2, 0, 1};
    for (std::size_t e = 0; e < edits.size(); ++e) {
        const hsa::CycleResult result = head.apply(edits[e]);
        REQUIRE(result.events.size() == 1);
        const hsa::Event& event = result.events.front();
        INFO(event.text);
        CHECK(event.by == hsa::Actor::user);
        CHECK(static_cast<int>(result.state.registry->size()) ==
              static_cast<int>(id.size()) + grown[e]);
        CHECK_FALSE(event.tokens.empty());
        hsa::SplatRegistry replayed = *head.state.registry;
        hsa::apply(event.delta, replayed);
        CHECK(hsa::same_bits(replayed, *result.state.registry));
        const double change =
            head.probe_kl(*result.state.registry) - head.probe_kl(*head.state.registry);
        const hsa::SplatRegistry& before = *head.state.registry;
        const hsa::Work work;
        const hsa::AdaptInput input = head.input();
        const double lambda = hsa::HeadContext(*head.backend, input, before, 0, work).lambda;
        CHECK(event.d == Approx(change + lambda * grown[e]).margin(1e-9));
    }
}

TEST_CASE("a splat added to a head stands for the tokens chosen", "[prune]") {
    const Form form = GENERATE(Form::shared, Form::paired);
    const Edited head(form);
    hsa::Edit add = edit_of(hsa::Edit::Kind::add, {});
    add.tokens = {{100, 104}};
    const hsa::CycleResult result = head.apply(add);
    const hsa::Splat made =
        result.state.registry->splat(result.state.registry->row(result.events.front().after[0]));
    for (std::size_t a = 0; a < made.centre.size(); ++a) {
        double mean = 0.0;
        for (std::size_t i = 100; i < 104; ++i)
            mean += 0.25 * static_cast<double>((*head.head.coordinates.base)(i, a));
        CHECK(static_cast<double>(made.centre[a]) == Approx(mean).margin(1e-5));
    }
    CHECK(made.query.has_value() == (form == Form::paired));
}

TEST_CASE("what cannot be edited of a head's splats is said", "[prune]") {
    const Edited head(Form::shared);
    const hsa::SplatId id = head.state.registry->id.front();
    CHECK_THROWS_WITH(head.apply(edit_of(hsa::Edit::Kind::merge, {id, id})),
                      Catch::Contains("itself"));
    CHECK_THROWS_WITH(head.apply(edit_of(hsa::Edit::Kind::split, {9999})), Catch::Contains("9999"));
    CHECK_THROWS_WITH(head.apply(edit_of(hsa::Edit::Kind::calibrate, {})),
                      Catch::Contains("splats.init distil"));
    hsa::Edit move = edit_of(hsa::Edit::Kind::move, {id});
    move.values = {1.0, 2.0};
    CHECK_THROWS_WITH(head.apply(move), Catch::Contains("6 dimensions"));
    hsa::Edit add = edit_of(hsa::Edit::Kind::add, {});
    CHECK_THROWS_WITH(head.apply(add), Catch::Contains("select some"));
}
