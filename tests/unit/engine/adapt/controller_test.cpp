#include "engine/adapt/controller.h"

#include "engine/adapt/adjust.h"
#include "engine/adapt/edits.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <cmath>
#include <limits>

using adapt_test::count_events;
using adapt_test::Lab;
using hsa::EventKind;

namespace {

// Twelve clusters; `splats` of them have a splat.
Lab make_lab(hsa::AdaptSettings settings, std::size_t n = 960) {
    Lab lab;
    lab.data =
        adapt_test::data_of(adapt_test::clusters(n, adapt_test::directions(12, 8, 21), 12, 22));
    lab.settings = settings;
    return lab;
}

std::vector<hsa::Splat> true_splats(std::size_t count) {
    std::vector<hsa::Splat> splats;
    const auto around = adapt_test::directions(12, 8, 21);
    for (std::size_t s = 0; s < count; ++s) splats.push_back(adapt_test::splat_at(around[s]));
    return splats;
}

bool same_result(const hsa::CycleResult& a, const hsa::CycleResult& b) {
    if (!hsa::same_bits(*a.state.registry, *b.state.registry) || a.events.size() != b.events.size())
        return false;
    if (a.state.moments != b.state.moments || a.state.cooldowns != b.state.cooldowns) return false;
    for (std::size_t e = 0; e < a.events.size(); ++e)
        if (a.events[e].text != b.events[e].text || a.events[e].d != b.events[e].d ||
            a.events[e].decided_by != b.events[e].decided_by ||
            a.events[e].tokens != b.events[e].tokens)
            return false;
    return a.measures.row_kl == b.measures.row_kl && a.measures.objective == b.measures.objective;
}

}  // namespace

TEST_CASE("the same seed gives the same cycles whatever the number of threads",
          "[adapt][controller][plain]") {
    // More than two chunks of tokens, so that threads have something to share out.
    const Lab lab = make_lab(adapt_test::fast(), 2400);
    hsa::AdaptState one = lab.begin(adapt_test::registry_of(true_splats(5)));
    hsa::AdaptState many = one;
    for (int cycle = 0; cycle < 3; ++cycle) {
        hsa::CycleResult alone;
        {
            const hsa::ThreadLimit limit(1);
            alone = lab.step(one);
        }
        const hsa::CycleResult together = lab.step(many);
        REQUIRE(same_result(alone, together));
        one = alone.state;
        many = together.state;
    }
    Lab other = make_lab(adapt_test::fast(), 2400);
    other.seed = 2;
    CHECK_FALSE(hsa::same_bits(*other.step(one).state.registry, *lab.step(one).state.registry));
}

TEST_CASE("young splats are left alone", "[adapt][controller]") {
    hsa::AdaptSettings settings = adapt_test::fast();
    settings.rate_birth = 0;
    const Lab lab = make_lab(settings);
    std::vector<hsa::Splat> splats = true_splats(12);
    const std::vector<hsa::Splat> twins = splats;
    splats.insert(splats.end(), twins.begin(), twins.end());
    for (hsa::Splat& splat : splats) splat.age = 0;
    hsa::AdaptState state = lab.begin(adapt_test::registry_of(splats));
    // Ages 0, 1, 2 when the cycles begin: nothing may shrink; at 0 nothing may split either.
    for (int cycle = 0; cycle < 3; ++cycle) {
        const hsa::CycleResult result = lab.step(state);
        for (const hsa::Event& event : result.events) {
            CHECK(event.kind != EventKind::death);
            CHECK(event.kind != EventKind::merge);
            if (cycle == 0) CHECK(event.kind != EventKind::mitosis);
        }
        CHECK(result.state.registry->size() >= 24);
        state = result.state;
    }
    const hsa::CycleResult result = lab.step(state);
    CHECK(count_events(result.events, EventKind::merge, true) +
              count_events(result.events, EventKind::death, true) >
          0);
}

TEST_CASE("a level never empties and never outgrows its limit", "[adapt][controller]") {
    SECTION("two useless splats of a level stay") {
        Lab lab = make_lab(adapt_test::fast());
        std::vector<hsa::Splat> splats = true_splats(2);
        splats[1] = splats[0];
        for (hsa::Splat& splat : splats) splat.log_amplitude = -15.0F;
        hsa::AdaptSettings settings;
        settings.rate_mitosis = settings.rate_birth = 0;
        lab.settings = settings;
        hsa::AdaptState state = lab.begin(adapt_test::registry_of(splats));
        for (int cycle = 0; cycle < 5; ++cycle) state = lab.step(state).state;
        CHECK(state.registry->size() == 2);
    }
    SECTION("no more than n / 4 splats") {
        Lab lab = make_lab(adapt_test::fast(), 64);
        hsa::AdaptState state = lab.begin(adapt_test::registry_of(true_splats(12)));
        for (int cycle = 0; cycle < 12; ++cycle) {
            state = lab.step(state).state;
            CHECK(state.registry->size() <= 16);
        }
    }
}

TEST_CASE("steps that do not help are undone and the rate falls", "[adapt][adjust][plain]") {
    Lab lab = make_lab(adapt_test::only(EventKind::repair));
    hsa::AdaptState state = lab.begin(adapt_test::registry_of(true_splats(12)));
    for (int cycle = 0; cycle < 25; ++cycle) state = lab.step(state).state;
    lab.settings.learning_rate = 20.0;  // absurd: every step throws the fit away
    state.learning_rate[0] = 20.0;
    const hsa::CycleResult result = lab.step(state);
    CHECK(count_events(result.events, EventKind::adjust, false) == 1);
    CHECK(result.state.learning_rate[0] == Approx(10.0));
    CHECK(result.state.moments.empty());
    const hsa::SplatRegistry& before = *state.registry;
    const hsa::SplatRegistry& after = *result.state.registry;
    CHECK(after.gaussians == before.gaussians);
    CHECK(after.log_amplitude == before.log_amplitude);
    CHECK(after.age[0] == before.age[0] + 1);
    CHECK(after.usage_history[0].recent().size() == 10);
}

TEST_CASE("all tokens the same, one token, two tokens: no NaN anywhere", "[adapt][controller]") {
    const std::size_t n = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{100});
    hsa::Matrix<float> x(n, 3, 1.0F);
    if (n == 2) x(1, 0) = -1.0F;
    Lab lab;
    lab.data = adapt_test::data_of(x);
    lab.settings = adapt_test::fast();
    hsa::Splat splat;
    splat.centre = {1.0F, 1.0F, 1.0F};
    splat.variance = {1.0F, 1.0F, 1.0F};
    splat.age = 3;
    hsa::AdaptState state = lab.begin(adapt_test::registry_of({splat}));
    for (int cycle = 0; cycle < 5; ++cycle) {
        const hsa::CycleResult result = lab.step(state);
        CHECK_NOTHROW(hsa::check_invariants(*result.state.registry));
        CHECK(std::isfinite(result.measures.row_kl));
        CHECK(std::isfinite(result.measures.objective));
        state = result.state;
    }
}

TEST_CASE("cycles keep the kind of lowrank and full splats", "[adapt][controller][plain]") {
    for (const hsa::CovarianceKind kind :
         {hsa::CovarianceKind::lowrank, hsa::CovarianceKind::full}) {
        const Lab lab = make_lab(adapt_test::fast(), 300);
        std::vector<hsa::Splat> splats = true_splats(12);
        for (hsa::Splat& splat : splats) {
            splat.kind = kind;
            splat.shape = hsa::from_variances(splat.variance, kind).shape;
            splat.shape.front() = 0.1F * splat.variance.front();
        }
        hsa::AdaptState state = lab.begin(adapt_test::registry_of(splats));
        const hsa::SplatRegistry first = *state.registry;
        for (int cycle = 0; cycle < 12; ++cycle) {
            const hsa::CycleResult result = lab.step(state);
            CHECK_NOTHROW(hsa::check_invariants(*result.state.registry));
            CHECK(std::isfinite(result.measures.row_kl));
            state = result.state;
        }
        for (const hsa::CovarianceKind each : state.registry->gaussians.kind) CHECK(each == kind);
        CHECK_FALSE(state.registry->gaussians == first.gaussians);
    }
}

TEST_CASE("what adaptation cannot work on is refused with a reason", "[adapt][controller]") {
    const Lab lab = make_lab(adapt_test::fast(), 100);
    hsa::SplatRegistry registry = adapt_test::registry_of(true_splats(3));
    registry.form = hsa::Form::shared;
    // Cycle 0 has its measures, a further cycle there is none.
    hsa::AdaptState state = lab.begin(registry);
    CHECK(state.best_kl.empty());
    CHECK_THROWS_WITH(lab.step(state), Catch::Contains("form shared"));
    hsa::Edit edit;
    edit.kind = hsa::Edit::Kind::calibrate;
    CHECK_THROWS_WITH(hsa::apply_edit(*lab.backend, lab.input(), state, edit, {}),
                      Catch::Contains("form shared"));
}

TEST_CASE("a cycle that is stopped throws and leaves the state alone", "[adapt][controller]") {
    const Lab lab = make_lab(adapt_test::fast());
    const hsa::AdaptState state = lab.begin(adapt_test::registry_of(true_splats(5)));
    const std::uint64_t hash = hsa::hash_registry(*state.registry);
    std::stop_source source;
    source.request_stop();
    const hsa::Work work{source.get_token(), {}};
    const auto input = lab.input();
    CHECK_THROWS_AS(hsa::adapt_cycle(*lab.backend, input, state, work), hsa::Cancelled);
    CHECK(hsa::hash_registry(*state.registry) == hash);
}

TEST_CASE("events that changed a level much bring its far rate back", "[adapt]") {
    constexpr double kNear = 0.02;
    CHECK(hsa::rate_after_events(1.0, 0.9, 0.01, kNear) == hsa::far_rate(kNear));
    CHECK(hsa::rate_after_events(1.0, 0.995, 0.01, kNear) == 0.01);
    CHECK(hsa::rate_after_events(1.0, 1.002, kNear, kNear) == kNear);
}
