// Each event where it is plainly right or plainly wrong.

#include "engine/adapt/controller.h"
#include "engine/adapt/level_pool.h"
#include "engine/adapt/mitosis.h"
#include "engine/adapt/trial.h"
#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <array>
#include <cmath>

using adapt_test::count_events;
using adapt_test::Lab;
using hsa::EventKind;

namespace {

const std::vector<std::vector<double>>& around() {
    static const std::vector<std::vector<double>> clusters = adapt_test::directions(6, 6, 91);
    return clusters;
}

Lab make_lab(const hsa::AdaptSettings& settings, std::size_t used = 6) {
    Lab lab;
    lab.data = adapt_test::data_of(adapt_test::clusters(720, around(), used, 92));
    lab.settings = settings;
    return lab;
}

// A splat on each of these clusters.
std::vector<hsa::Splat> on(const std::vector<std::size_t>& clusters) {
    std::vector<hsa::Splat> splats;
    splats.reserve(clusters.size());
    for (const std::size_t c : clusters) splats.push_back(adapt_test::splat_at(around()[c]));
    return splats;
}

double distance(std::span<const float> centre, const std::vector<double>& direction) {
    double square = 0.0;
    for (std::size_t a = 0; a < centre.size(); ++a)
        square += std::pow(static_cast<double>(centre[a]) - direction[a] * adapt_test::kLength, 2);
    return std::sqrt(square);
}

struct Outcome {
    hsa::AdaptState state;
    std::vector<hsa::Event> events;
    double objective = 0.0;
};

Outcome run(const Lab& lab, const std::vector<hsa::Splat>& splats, int cycles) {
    Outcome outcome;
    outcome.state = lab.begin(adapt_test::registry_of(splats));
    for (int cycle = 0; cycle < cycles; ++cycle) {
        hsa::CycleResult result = lab.step(outcome.state);
        outcome.events.insert(outcome.events.end(), result.events.begin(), result.events.end());
        outcome.state = result.state;
        outcome.objective = result.measures.objective;
    }
    return outcome;
}

const hsa::Event& first_accepted(const std::vector<hsa::Event>& events, EventKind kind) {
    for (const hsa::Event& event : events)
        if (event.kind == kind && event.accepted) return event;
    FAIL("no " << hsa::name_of(kind) << " was accepted");
    return events.front();
}

// Two clusters share one splat between them.
std::vector<hsa::Splat> one_over_two() {
    std::vector<hsa::Splat> splats = on({2, 3, 4, 5});
    hsa::Splat middle = adapt_test::splat_at(around()[0], 0.5);
    for (std::size_t a = 0; a < middle.centre.size(); ++a)
        middle.centre[a] =
            static_cast<float>(0.5 * adapt_test::kLength * (around()[0][a] + around()[1][a]));
    splats.push_back(middle);
    return splats;
}

}  // namespace

TEST_CASE("a splat over two clusters is split in two, and the objective falls",
          "[adapt][events][mitosis]") {
    const Lab lab = make_lab(adapt_test::only(EventKind::mitosis));
    const Outcome outcome = run(lab, one_over_two(), 6);
    const hsa::Event& event = first_accepted(outcome.events, EventKind::mitosis);
    CHECK(event.before == std::vector<hsa::SplatId>{4});
    REQUIRE(event.after.size() == 2);
    CHECK(event.d + event.se < 0.0);
    CHECK(event.objective_after < event.objective_before);
    CHECK(outcome.objective <
          run(make_lab(adapt_test::only(EventKind::repair)), one_over_two(), 6).objective);
    // One child near each of the two.
    const hsa::SplatRegistry& registry = *outcome.state.registry;
    const auto centre = [&](std::size_t child) {
        return registry.gaussians.centre.row(registry.row(event.after[child]));
    };
    const double straight =
        std::max(distance(centre(0), around()[0]), distance(centre(1), around()[1]));
    const double crossed =
        std::max(distance(centre(0), around()[1]), distance(centre(1), around()[0]));
    CHECK(std::min(straight, crossed) < 0.35 * adapt_test::kLength);
}

TEST_CASE("mitosis splits along the line between the clusters", "[adapt][events][mitosis]") {
    const Lab lab = make_lab(adapt_test::fast());
    const hsa::SplatRegistry registry = adapt_test::registry_of(one_over_two());
    const auto input = lab.input();
    const hsa::CycleContext context(*lab.backend, input, registry, 1, {});
    const hsa::Pool pool = hsa::draw_pool(context);
    const hsa::LevelPool level = hsa::measure_level(context, pool, registry, 0);
    const std::vector<double> u = hsa::residual_direction(context, pool, level, 4);
    REQUIRE(u.size() == 6);
    double along = 0.0;
    double length = 0.0;
    double unit = 0.0;
    for (std::size_t a = 0; a < 6; ++a) {
        const double line = around()[0][a] - around()[1][a];
        along += u[a] * line;
        length += line * line;
        unit += u[a] * u[a];
    }
    CHECK(unit == Approx(1.0));
    CHECK(std::abs(along) / std::sqrt(length) > 0.95);
    const std::vector<hsa::Splat> children = hsa::halves(registry.splat(4), u);
    REQUIRE(children.size() == 2);
    for (std::size_t a = 0; a < 6; ++a)
        CHECK(children[0].centre[a] + children[1].centre[a] ==
              Approx(2.0 * static_cast<double>(registry.gaussians.centre(4, a))).margin(1e-5));
    // Its error share names it: it is the worst of all.
    for (std::size_t s = 0; s < 4; ++s) CHECK(level.error_share[4] > level.error_share[s]);
}

TEST_CASE("a cluster that no splat covers gets a birth", "[adapt][events][birth]") {
    const Lab lab = make_lab(adapt_test::only(EventKind::birth));
    const std::vector<hsa::Splat> five = on({0, 1, 2, 3, 4});
    const Outcome outcome = run(lab, five, 6);
    const hsa::Event& event = first_accepted(outcome.events, EventKind::birth);
    CHECK(event.before.empty());
    REQUIRE(event.after.size() == 1);
    CHECK(event.objective_after < event.objective_before);
    // Its tokens are of that cluster, and it ends beside it.
    const std::vector<std::size_t> labels = adapt_test::labels(720, 6, 92);
    for (const std::uint32_t token : event.tokens) CHECK(labels[token] == 5);
    const hsa::SplatRegistry& registry = *outcome.state.registry;
    const auto centre = registry.gaussians.centre.row(registry.row(event.after[0]));
    for (std::size_t c = 0; c < 5; ++c)
        CHECK(2.0 * distance(centre, around()[5]) < distance(centre, around()[c]));
    CHECK(outcome.objective <
          run(make_lab(adapt_test::only(EventKind::repair)), five, 6).objective);
}

TEST_CASE("a splat that is there twice is merged or removed", "[adapt][events][merge]") {
    const EventKind kind = GENERATE(EventKind::merge, EventKind::death);
    const Lab lab = make_lab(adapt_test::only(kind));
    std::vector<hsa::Splat> splats = on({0, 1, 2, 3, 4, 5, 3});
    splats[3].log_amplitude = splats[6].log_amplitude = -std::log(2.0F);
    const Outcome outcome = run(lab, splats, 6);
    CHECK(outcome.state.registry->size() == 6);
    const hsa::Event& event = first_accepted(outcome.events, kind);
    for (const hsa::SplatId id : event.before) CHECK((id == 3 || id == 6));
    CHECK(event.objective_after < event.objective_before + 1e-12);
    if (kind == EventKind::merge) CHECK(event.before.size() == 2);
}

TEST_CASE("a removal that tears a hole is refused by the trial", "[adapt][events][death]") {
    const Lab lab = make_lab(adapt_test::only(EventKind::death));
    const Outcome outcome = run(lab, on({0, 1, 2, 3, 4, 5}), 6);
    CHECK(outcome.state.registry->size() == 6);
    CHECK(count_events(outcome.events, EventKind::death, true) == 0);
    CHECK(count_events(outcome.events, EventKind::death, false) >= 2);
    for (const hsa::Event& event : outcome.events) {
        if (event.kind != EventKind::death) continue;
        CHECK(event.d > 0.0);
        CHECK(event.d + 2.0 * event.se >= event.decided_by.back().threshold);
        CHECK(event.delta.empty());
    }
    // The same by the trial itself: the hole costs about what the cluster's rows lose.
    const hsa::SplatRegistry& registry = *outcome.state.registry;
    const auto input = lab.input();
    const hsa::CycleContext context(*lab.backend, input, registry, 7, {});
    const hsa::Pool pool = hsa::draw_pool(context);
    const hsa::LevelPool level = hsa::measure_level(context, pool, registry, 0);
    hsa::Proposal proposal;
    proposal.kind = EventKind::death;
    proposal.before = {2};
    proposal.pull = hsa::pull_of(level, std::array<std::size_t, 1>{2});
    const double before = context.probe_kl(level.splats);
    const hsa::TrialOutcome trial =
        hsa::run_trial(context, pool, level, registry, proposal, before, 0);
    CHECK_FALSE(trial.accepted);
    CHECK_FALSE(trial.probed);
    hsa::SplatRegistry without = registry;
    without.remove(2);
    const double hole = context.probe_kl(hsa::level_splats(without, 0)) - before;
    CHECK(hole > 100.0 * context.lambda[0]);
    CHECK(trial.d == Approx(hole).epsilon(0.35));
}
