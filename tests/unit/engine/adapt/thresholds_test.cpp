#include "engine/adapt/thresholds.h"

#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <algorithm>
#include <cmath>

using adapt_test::Lab;
using hsa::EventKind;

namespace {

constexpr std::size_t kDeath = 0, kMerge = 1, kMitosis = 2, kBirth = 3;

hsa::AdaptSettings adaptive() {
    hsa::AdaptSettings settings;
    settings.thresholds = hsa::Thresholds::adaptive;
    return settings;
}

double reason(const hsa::Event& event, const char* name, bool threshold = false) {
    for (const hsa::Reason& each : event.decided_by)
        if (each.name == name) return threshold ? each.threshold : each.value;
    return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

TEST_CASE("thresholds follow what is accepted, within their limits", "[adapt][thresholds]") {
    const hsa::AdaptSettings settings = adaptive();
    CHECK(hsa::wanted_events(settings) == std::array<double, 4>{0.5, 0.25, 0.5, 0.25});
    hsa::KindThresholds thresholds;
    SECTION("growth that is refused becomes easier where nothing is to shrink, to a quarter") {
        hsa::AdaptSettings growing = settings;
        growing.target_death = growing.target_merge = 0.0;
        for (int cycle = 0; cycle < 200; ++cycle) {
            hsa::follow_acceptance(growing, {{2, 1, 2, 1}, {0, 0, 0, 0}}, thresholds);
            CHECK(std::max(thresholds.factor[kDeath], thresholds.factor[kMerge]) <=
                  std::min(thresholds.factor[kMitosis], thresholds.factor[kBirth]));
        }
        for (const double factor : thresholds.factor) CHECK(factor == hsa::kLeastFactor);
    }
    SECTION("where both sides want more they return to lambda itself") {
        const double start = GENERATE(0.3, 1.0, 3.7);
        thresholds.factor = {start, start, start, start};
        for (int cycle = 0; cycle < 200; ++cycle)
            hsa::follow_acceptance(settings, {{2, 1, 2, 1}, {0, 0, 0, 0}}, thresholds);
        for (const double factor : thresholds.factor) CHECK(factor == Approx(1.0));
    }
    SECTION("growth that is accepted too often becomes harder, and stops at four times") {
        for (int cycle = 0; cycle < 200; ++cycle)
            hsa::follow_acceptance(settings, {{0, 0, 2, 1}, {0, 0, 2, 1}}, thresholds);
        CHECK(thresholds.factor[kMitosis] == hsa::kMostFactor);
        CHECK(thresholds.factor[kDeath] == 1.0);
        // Then more loss is allowed to what shrinks, where less goes than is wanted.
        for (int cycle = 0; cycle < 200; ++cycle)
            hsa::follow_acceptance(settings, {{2, 0, 0, 0}, {0, 0, 0, 0}}, thresholds);
        CHECK(thresholds.factor[kDeath] == hsa::kMostFactor);
        CHECK(thresholds.factor[kMerge] == 1.0);
    }
    SECTION("shrinkage never takes what growth would give back") {
        for (int cycle = 0; cycle < 50; ++cycle)
            hsa::follow_acceptance(settings, {{2, 1, 0, 0}, {0, 0, 0, 0}}, thresholds);
        for (const double factor : thresholds.factor) CHECK(factor == Approx(1.0));
        for (int cycle = 0; cycle < 50; ++cycle)
            hsa::follow_acceptance(settings, {{2, 1, 0, 0}, {2, 1, 0, 0}}, thresholds);
        CHECK(thresholds.factor[kDeath] == hsa::kLeastFactor);
        CHECK(thresholds.factor[kBirth] == Approx(1.0));
    }
    SECTION("what is wanted is left alone, and so is what was not tried") {
        hsa::AdaptSettings wanted = settings;
        wanted.target_mitosis = 1.0;
        for (int cycle = 0; cycle < 50; ++cycle)
            hsa::follow_acceptance(wanted, {{0, 0, 2, 0}, {0, 0, 1, 0}}, thresholds);
        CHECK(thresholds.factor == std::array<double, 4>{1.0, 1.0, 1.0, 1.0});
        CHECK_FALSE(thresholds.accepted[kDeath].has_value());
    }
    SECTION("fixed ones stay") {
        const hsa::KindThresholds before = thresholds;
        hsa::follow_acceptance({}, {{2, 1, 2, 1}, {0, 0, 0, 0}}, thresholds);
        CHECK(thresholds == before);
        thresholds.factor[kBirth] = 3.0;
        CHECK(hsa::threshold_factor({}, thresholds, EventKind::birth) == 1.0);
        CHECK(hsa::threshold_factor(settings, thresholds, EventKind::birth) == 3.0);
    }
}

TEST_CASE("the threshold in force is what trials are held against and events say",
          "[adapt][thresholds]") {
    Lab lab;
    lab.data =
        adapt_test::data_of(adapt_test::clusters(600, adapt_test::directions(12, 8, 21), 12, 22));
    lab.settings = adapt_test::fast();
    lab.settings.thresholds = hsa::Thresholds::adaptive;
    lab.settings.target_birth = lab.settings.target_mitosis = 64.0;  // never enough
    lab.settings.target_death = lab.settings.target_merge = 0.0;
    std::vector<hsa::Splat> splats;
    for (const auto& direction : adapt_test::directions(12, 8, 21))
        splats.push_back(adapt_test::splat_at(direction));
    hsa::AdaptState state = lab.begin(adapt_test::registry_of(splats));
    std::array<double, 4> factor = state.thresholds.factor;
    double lambda = 0.0;
    std::size_t seen = 0;
    for (int cycle = 0; cycle < 10; ++cycle) {
        const hsa::CycleResult result = lab.step(state);
        for (const hsa::Event& event : result.events) {
            if (!hsa::is_structural(event.kind)) continue;
            ++seen;
            const bool grows = event.kind == EventKind::mitosis || event.kind == EventKind::birth;
            const double own = factor[hsa::turn_of(event.kind)];
            CHECK(reason(event, "threshold_factor") == own);
            const double limit = reason(event, grows ? "d + se" : "d + 2 se", true);
            if (lambda == 0.0) lambda = std::abs(limit) / own;
            CHECK(limit == Approx((grows ? -1.0 : 1.0) * own * lambda));
            CHECK(event.text.find("threshold factor") != std::string::npos);
            if (event.accepted) CHECK(reason(event, grows ? "d + se" : "d + 2 se") < limit);
        }
        factor = result.state.thresholds.factor;
        state = result.state;
    }
    CHECK(seen > 10);
    CHECK(factor[kMitosis] < 1.0);
    for (const double each : factor) {
        CHECK(each >= hsa::kLeastFactor);
        CHECK(each <= hsa::kMostFactor);
    }
    // A pure function of its arguments still.
    CHECK(hsa::same_bits(*lab.step(state).state.registry, *lab.step(state).state.registry));
}
