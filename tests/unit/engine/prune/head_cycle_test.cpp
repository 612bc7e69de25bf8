#include "engine/prune/head_cycle.h"

#include "engine/attention/cells.h"
#include "engine/attention/near_factors.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/explain/event_card.h"
#include "engine/fit/fit.h"
#include "engine/io/run.h"
#include "engine/model/adapt_state.h"
#include "engine/prune/head_merge.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"
#include "tests/unit/engine/fit/heads.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

using hsa::Form;

namespace {

// A head with more splats than it has clusters, fitted.
struct Fitted {
    TestHead head;
    hsa::Dataset dataset;
    hsa::AdaptSettings settings;
    hsa::NearOptions near;
    hsa::Fit fit;

    Fitted(Form form, std::size_t splats, hsa::NearOptions beside = {}, std::size_t steps = 60)
        : head(clustered_head(400, 6, 8, 2.0, 3)), near(beside) {
        hsa::FitOptions options;
        options.form = form;
        options.near = near;
        options.start.splats = splats;
        options.steps = steps;
        fit = hsa::fit(*reference::cpu(), head.view(), options, {});
        fit.registry.age.assign(fit.registry.size(), 3);
    }
    [[nodiscard]] hsa::AdaptInput input() const {
        hsa::AdaptInput read{dataset, head.coordinates, head.target, settings, 1, 1.0};
        read.near = near;
        return read;
    }
    [[nodiscard]] hsa::CycleResult begin() const { return begin(fit.registry); }
    [[nodiscard]] hsa::CycleResult begin(const hsa::SplatRegistry& registry) const {
        return hsa::begin_adaptation(*reference::cpu(), input(),
                                     std::make_shared<const hsa::SplatRegistry>(registry), {});
    }
    [[nodiscard]] hsa::CycleResult step(const hsa::AdaptState& state) const {
        return hsa::adapt_head_cycle(*reference::cpu(), input(), state, {});
    }
};

std::size_t count(const std::vector<hsa::Event>& events, hsa::EventKind kind) {
    return static_cast<std::size_t>(std::count_if(
        events.begin(), events.end(),
        [&](const hsa::Event& event) { return event.accepted && event.kind == kind; }));
}

}  // namespace

TEST_CASE("a head that has too many splats is pruned and keeps its attention", "[prune]") {
    const Form form = GENERATE(Form::shared, Form::paired);
    Fitted fitted(form, 40);
    fitted.settings.seed = 9;  // of the cycles: the rows that the fit kept apart stay apart
    hsa::CycleResult result = fitted.begin();
    const double before = result.measures.row_kl;
    // W is what the fit reported on: rows that it never drew.
    CHECK(std::abs(before - fitted.fit.report.reached.loss.kl) < 1e-5);
    const std::size_t start = fitted.fit.registry.size();
    std::size_t deaths = 0;
    std::size_t merges = 0;
    std::size_t grown = 0;
    for (int cycle = 0; cycle < 12; ++cycle) {
        result = fitted.step(result.state);
        deaths += count(result.events, hsa::EventKind::death);
        merges += count(result.events, hsa::EventKind::merge);
        grown += count(result.events, hsa::EventKind::birth) +
                 count(result.events, hsa::EventKind::mitosis);
    }
    const std::size_t left = result.state.registry->size();
    CHECK(left + deaths + merges == start + grown);
    CHECK(left + 4 <= start);
    CHECK(merges > 0);
    // What every removal may cost at most, in the mean (rulings: lambda a splat).
    CHECK(result.measures.row_kl < before + 0.02);
}

TEST_CASE("every cycle of a head follows from its events bit for bit", "[prune]") {
    const Form form = GENERATE(Form::shared, Form::paired);
    const hsa::NearOptions near = GENERATE(hsa::NearOptions{}, hsa::NearOptions{2, 1, 8, 2, false});
    const Fitted fitted(form, 24, near, 10);
    hsa::CycleResult result = fitted.begin();
    bool moved = false;
    for (int cycle = 0; cycle < 4; ++cycle) {
        const hsa::CycleResult next = fitted.step(result.state);
        hsa::SplatRegistry replayed = *result.state.registry;
        for (const hsa::Event& event : next.events)
            if (event.accepted) hsa::apply(event.delta, replayed);
        CHECK(hsa::same_bits(replayed, *next.state.registry));
        // What the splats have in common keeps its moments as they do.
        if (!next.state.moments.empty()) CHECK(next.state.moments.count(hsa::kNoSplat) == 1);
        moved = moved ||
                !(hsa::head_scale(*result.state.registry) == hsa::head_scale(*next.state.registry));
        result = next;
    }
    // kappa, the offset and the quadratic part take steps too.
    CHECK(moved == (form == Form::shared || near.any()));
}

TEST_CASE("a head's cycles are the same whatever the number of threads", "[prune]") {
    const Fitted fitted(Form::paired, 24);
    const hsa::CycleResult first = fitted.begin();
    hsa::CycleResult alone;
    {
        const hsa::ThreadLimit limit(1);
        alone = fitted.step(first.state);
    }
    const hsa::CycleResult together = fitted.step(first.state);
    CHECK(hsa::same_bits(*alone.state.registry, *together.state.registry));
    REQUIRE(alone.events.size() == together.events.size());
    for (std::size_t e = 0; e < alone.events.size(); ++e)
        CHECK(alone.events[e].text == together.events[e].text);
    CHECK(alone.state.moments == together.state.moments);
}

TEST_CASE("a splat in two halves is what is joined first, and loses nothing", "[prune]") {
    const Form form = GENERATE(Form::shared, Form::paired);
    // Not the tokens of best splats: which ones those are changes with the twins.
    const hsa::NearOptions near = GENERATE(hsa::NearOptions{}, hsa::NearOptions{2, 0, 8, 2, false});
    const Fitted fitted(form, 8, near);
    hsa::SplatRegistry registry = fitted.fit.registry;
    hsa::Splat twin = registry.splat(2);
    twin.log_amplitude -= std::log(2.0F);
    registry.assign(twin);
    (void)registry.add(twin);
    const hsa::Work work;
    const hsa::AdaptInput input = fitted.input();
    const auto backend = reference::cpu();
    const hsa::HeadContext context(*backend, input, registry, 1, work);
    const hsa::HeadPool pool = hsa::measure_head(context, hsa::draw_head_pool(context), registry);
    const std::set<hsa::SplatId> busy;
    const std::map<hsa::ProposalKey, hsa::Cooldown> cooldowns;
    const auto proposal = hsa::propose_head_merge(context, pool, {registry, busy, cooldowns, 1});
    REQUIRE(proposal);
    CHECK(proposal->before == std::vector<hsa::SplatId>{registry.id[2], registry.id.back()});
    hsa::SplatRegistry joined = registry;
    (void)joined.add(proposal->after.front());
    for (const hsa::SplatId id : proposal->before) joined.drop(id);
    CHECK(std::abs(context.probe_kl(joined) - context.probe_kl(registry)) < 1e-5);
    // One that is removed is missed: the measure sees such things.
    hsa::SplatRegistry poorer = joined;
    poorer.drop(proposal->before.front() == registry.id[0] ? registry.id[1] : registry.id[0]);
    CHECK(context.probe_kl(poorer) > context.probe_kl(joined) + 1e-4);
}

TEST_CASE("steps that do not help a head are undone", "[prune]") {
    Fitted fitted(Form::shared, 12);
    fitted.settings.rate_death = fitted.settings.rate_merge = 0;
    fitted.settings.rate_mitosis = fitted.settings.rate_birth = 0;
    fitted.settings.learning_rate = 3.0;
    const hsa::CycleResult first = fitted.begin();
    const hsa::CycleResult next = fitted.step(first.state);
    REQUIRE_FALSE(next.events.empty());
    CHECK_FALSE(next.events.front().accepted);
    CHECK(next.state.moments.empty());
    CHECK(next.state.learning_rate.front() == 1.5);
    CHECK(next.state.registry->gaussians == first.state.registry->gaussians);
    CHECK(next.measures.row_kl == first.measures.row_kl);
}

TEST_CASE("a history of a head is read back whole", "[prune][io]") {
    const Fitted fitted(Form::paired, 20, {2, 1, 8, 2, false});
    hsa::RunFile run;
    run.source = "heads.npz";
    hsa::CycleResult result = fitted.begin();
    for (std::int32_t c = 0; c < 4; ++c) {
        if (c > 0) result = fitted.step(result.state);
        auto cycle = std::make_shared<hsa::Cycle>();
        cycle->number = c;
        cycle->events = result.events;
        cycle->measures = result.measures;
        cycle->registry_hash = hsa::hash_registry(*result.state.registry);
        cycle->state = std::make_shared<const hsa::AdaptState>(result.state);
        run.history.cycles.push_back(std::move(cycle));
    }
    run.last = result.state;
    const hsa::RunFile read = hsa::read_run("heads.run", hsa::write_run(run));
    CHECK(hsa::same_bits(*read.last.registry, *result.state.registry));
    CHECK(read.last.moments == result.state.moments);
    REQUIRE(read.history.cycles.size() == 4);
    // And goes on as the one that was written.
    const hsa::CycleResult next = fitted.step(result.state);
    const hsa::CycleResult later = fitted.step(read.last);
    CHECK(hsa::same_bits(*next.state.registry, *later.state.registry));
}

TEST_CASE("what an event of a head changed is told beside its exact pairs", "[prune][changed]") {
    const Fitted fitted(Form::paired, 20, {2, 1, 8, 2, false});
    hsa::CycleResult first = fitted.begin();
    hsa::CycleResult next = fitted.step(first.state);
    const auto structural = [&] {
        return std::find_if(next.events.begin(), next.events.end(), [](const hsa::Event& event) {
            return event.accepted && hsa::is_structural(event.kind);
        });
    };
    for (int cycle = 0; cycle < 8 && structural() == next.events.end(); ++cycle) {
        first = next;
        next = fitted.step(first.state);
    }
    REQUIRE(structural() != next.events.end());
    hsa::Snapshot snapshot;
    snapshot.coordinates = std::make_shared<const hsa::Coordinates>(fitted.head.coordinates);
    snapshot.target = fitted.head.target;
    snapshot.near = fitted.near;
    auto history = std::make_shared<hsa::History>();
    for (const hsa::CycleResult* result : {&first, &next}) {
        auto cycle = std::make_shared<hsa::Cycle>();
        cycle->number = static_cast<std::int32_t>(history->cycles.size());
        cycle->events = result->events;
        for (hsa::Event& of_cycle : cycle->events) of_cycle.cycle = cycle->number;
        cycle->state = std::make_shared<const hsa::AdaptState>(result->state);
        history->cycles.push_back(std::move(cycle));
    }
    snapshot.history = history;
    const auto event = static_cast<std::size_t>(structural() - next.events.begin());
    const std::size_t index = first.events.size() + event;
    const hsa::EventFactors factors = hsa::event_factors(snapshot, index, *reference::cpu(), {});
    REQUIRE(factors.any());
    REQUIRE(factors.before->near);
    const hsa::EventCard card = hsa::event_card(snapshot, factors, {});
    CHECK(card.mark == hsa::Mark::exact);

    const std::size_t n = fitted.head.coordinates.size();
    std::vector<std::uint32_t> rows(n);
    std::iota(rows.begin(), rows.end(), 0U);
    hsa::Matrix<float> before(n, n);
    hsa::Matrix<float> after(n, n);
    hsa::SplatRegistry moved = *first.state.registry;
    const auto write_rows = [&](hsa::Matrix<float>& a) {
        hsa::attention_rows(hsa::factors_beside(*reference::cpu(), moved, fitted.head.coordinates,
                                                {}, fitted.head.target.get(), fitted.near, {}),
                            rows, {}, a.view());
    };
    for (std::size_t earlier = 0; earlier < event; ++earlier)
        if (next.events[earlier].accepted) hsa::apply(next.events[earlier].delta, moved);
    write_rows(before);
    hsa::apply(next.events[event].delta, moved);
    write_rows(after);
    std::vector<double> l1(n, 0.0);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            l1[i] += std::abs(static_cast<double>(before(i, j)) - static_cast<double>(after(i, j)));
    std::sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
        return l1[a] != l1[b] ? l1[a] > l1[b] : a < b;
    });
    REQUIRE(card.changed_rows.size() == 20);
    for (std::size_t r = 0; r < 20; ++r)
        CHECK(card.changed_rows[r].l1 == Approx(l1[rows[r]]).margin(1e-5));
}

TEST_CASE("what a head's cycle cannot do is said", "[prune]") {
    const Fitted fitted(Form::shared, 8, {}, 10);
    const hsa::CycleResult first = fitted.begin();
    const auto step = [&](const hsa::AdaptInput& input) {
        return hsa::adapt_head_cycle(*reference::cpu(), input, first.state, {});
    };
    hsa::AdaptInput untargeted = fitted.input();
    untargeted.target = nullptr;
    CHECK_THROWS_WITH(step(untargeted), Catch::Contains("target.source scores"));
    hsa::SplatRegistry full = fitted.fit.registry;
    for (hsa::CovarianceKind& kind : full.gaussians.kind) kind = hsa::CovarianceKind::full;
    hsa::AdaptState other = first.state;
    other.registry = std::make_shared<const hsa::SplatRegistry>(full);
    CHECK_THROWS_WITH(hsa::adapt_head_cycle(*reference::cpu(), fitted.input(), other, {}),
                      Catch::Contains("diagonal"));
    hsa::AdaptInput warm = fitted.input();
    warm.temperature = 2.0;
    CHECK_THROWS_WITH(step(warm), Catch::Contains("attention.temperature 1"));
}
