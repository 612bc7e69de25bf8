#include "engine/recover/detect.h"

#include "engine/adapt/adjust.h"
#include "tests/catch.h"
#include "tests/unit/engine/recover/scene.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <string>

using hsa::FindingKind;
using recover_test::kinds;
using recover_test::Scene;

namespace {

using Kinds = std::set<std::string>;

// A measured registry of two levels of six splats, as sound as can be.
hsa::Measures sound_measures() {
    hsa::Measures m;
    m.tokens = 1000;
    m.splats = 12;
    m.usage.assign(12, 1.0 / 12.0);
    m.information.assign(12, 0.05);
    m.information_total = 0.6;
    m.row_entropy_mean = 3.0;
    m.row_kl = 0.4;
    m.reference_kl = 2.0;
    for (const char* name : {"Token", "Phrase"}) {
        hsa::LevelMeasures level;
        level.name = name;
        level.splats = 6;
        level.usage = 0.5;
        level.information = 0.3;
        m.levels.push_back(level);
    }
    return m;
}

hsa::SplatRegistry two_levels() {
    std::vector<hsa::Splat> splats;
    const auto around = adapt_test::directions(12, 6, 3);
    for (std::size_t s = 0; s < 12; ++s)
        splats.push_back(adapt_test::splat_at(around[s], 1.0, s < 6 ? 0 : 1));
    return adapt_test::registry_of(splats, {{"Token", 1.0}, {"Phrase", 1.0}});
}

hsa::History still_history(std::size_t cycles, double change) {
    hsa::History history;
    for (std::size_t c = 0; c < cycles; ++c) {
        const auto cycle = std::make_shared<hsa::Cycle>();
        cycle->number = static_cast<std::int32_t>(c);
        cycle->measures.objective = 2.0 - change * static_cast<double>(c);
        history.cycles.push_back(cycle);
    }
    return history;
}

hsa::History gradient_history(double norm) {
    hsa::History history = still_history(1, 0.0);
    const auto cycle = std::make_shared<hsa::Cycle>(*history.cycles[0]);
    hsa::Event event;
    event.level_name = "Token";
    event.decided_by = {{hsa::kGradientReason, norm, hsa::kMostGradient}};
    cycle->events.push_back(event);
    history.cycles[0] = cycle;
    return history;
}

}  // namespace

TEST_CASE("nothing is found in splats as the program makes and adapts them", "[recover]") {
    for (const std::uint64_t seed : {71U, 5U}) {
        const Scene scene(3, seed);
        const hsa::HealthReport report = scene.check(*scene.state.registry, true);
        for (const hsa::Finding& finding : report.findings) FAIL_CHECK(finding.text);
        CHECK(report.complete);
        // Every detector looked at something.
        std::set<FindingKind> looked;
        for (const hsa::Check& check : report.checks) {
            looked.insert(check.kind);
            INFO(check.name << ": " << check.value << ", limit " << check.limit);
            CHECK((check.at_least ? check.value >= check.limit : check.value <= check.limit));
        }
        CHECK(looked.size() == hsa::kFindingKinds);
        // What an adjust step's gradient was is told by its event.
        const bool told =
            std::any_of(report.checks.begin(), report.checks.end(), [](const hsa::Check& check) {
                return check.kind == FindingKind::gradients && check.value > 1e-6;
            });
        CHECK(told);
    }
}

TEST_CASE("faults of numbers are found where they are, and nothing else", "[recover]") {
    const Scene scene;
    hsa::SplatId hurt = 0;
    const hsa::SplatRegistry nan = scene.damaged([&](hsa::SplatRegistry& registry) {
        hurt = registry.id[4];
        registry.gaussians.variance(4, 1) = recover_test::kNan;
    });
    const hsa::HealthReport report = scene.check(nan, false);
    CHECK(kinds(report.findings) == Kinds{"numbers"});
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].severity == hsa::Severity::fault);
    CHECK(report.findings[0].place.splats == std::vector<hsa::SplatId>{hurt});
    CHECK(report.findings[0].place.level == nan.hierarchy.levels[nan.level[4]].name);
    CHECK(report.findings[0].command == "recover.repair numbers");

    const hsa::SplatRegistry uneven = scene.damaged([](hsa::SplatRegistry& registry) {
        registry.gaussians.kind[2] = hsa::CovarianceKind::diagonal;
        registry.gaussians.variance(2, 0) *= 1e-10F;
    });
    const hsa::HealthReport condition = scene.check(uneven, true);
    CHECK(kinds(condition.findings) == Kinds{"numbers"});
    CHECK(condition.findings.at(0).severity == hsa::Severity::warning);

    hsa::FactorHealth health;
    health.not_finite = 3;
    health.faulty_rows = {7, 9};
    const hsa::Findings factors =
        hsa::find_numbers(*scene.state.registry, {}, &health, hsa::Storage::float32);
    REQUIRE(factors.findings.size() == 1);
    CHECK(factors.findings[0].place.tokens == std::vector<std::uint32_t>{7, 9});
    health = {};
    health.row_sum_error = 0.01;
    CHECK(hsa::find_numbers(*scene.state.registry, {}, &health, hsa::Storage::float32)
              .findings.size() == 1);
    CHECK(hsa::find_numbers(*scene.state.registry, {}, &health, hsa::Storage::logarithmic)
              .findings.empty());
}

TEST_CASE("an emptied level is found, and its children", "[recover]") {
    const Scene scene;
    const hsa::SplatRegistry emptied =
        scene.damaged([](hsa::SplatRegistry& r) { recover_test::empty_level(r, 2); });
    const hsa::HealthReport report = scene.check(emptied, false);
    CHECK(kinds(report.findings) == Kinds{"empty_level"});
    CHECK(report.findings.at(0).place.level == emptied.hierarchy.levels[2].name);
    const hsa::SplatRegistry silent = scene.damaged([](hsa::SplatRegistry& registry) {
        for (const std::size_t row : registry.rows_of_level(1))
            registry.log_amplitude[row] = -std::numeric_limits<float>::infinity();
    });
    CHECK(kinds(scene.check(silent, false).findings) == Kinds{"empty_level"});
}

TEST_CASE("parents that are none, and a tree that is torn, are found", "[recover]") {
    const Scene scene;
    const auto found = [&](const std::function<void(hsa::SplatRegistry&)>& damage) {
        return scene.check(scene.damaged(damage), true);
    };
    const hsa::HealthReport torn = found(recover_test::scramble_parents);
    CHECK(kinds(torn.findings) == Kinds{"orphans"});
    CHECK(torn.findings.at(0).severity == hsa::Severity::warning);
    CHECK(torn.findings.at(0).place.splats.size() >= 3);
    const hsa::HealthReport unknown = found([](hsa::SplatRegistry& r) { r.parent[3] = 99999; });
    CHECK(kinds(unknown.findings) == Kinds{"orphans"});
    CHECK(unknown.findings.at(0).severity == hsa::Severity::fault);
    CHECK(unknown.findings.at(0).place.splats ==
          std::vector<hsa::SplatId>{scene.state.registry->id[3]});
    const auto cycle = [](hsa::SplatRegistry& r) { r.parent[3] = r.id[3]; };
    CHECK(kinds(found(cycle).findings) == Kinds{"orphans"});
    const auto none = [](hsa::SplatRegistry& r) { r.parent[3] = hsa::kNoSplat; };
    CHECK(kinds(found(none).findings) == Kinds{"orphans"});
    // A file may name no parents.
    const auto of_file = [](hsa::SplatRegistry& r) {
        r.made_here = false;
        for (hsa::SplatId& parent : r.parent) parent = hsa::kNoSplat;
    };
    CHECK(found(of_file).findings.empty());
}

TEST_CASE("an objective that stands still counts only far from the target", "[recover]") {
    hsa::Measures far = sound_measures();
    far.row_kl = 1.95;
    const auto found = [](const hsa::History& history, const hsa::Measures& measures) {
        return kinds(hsa::find_stagnation(history, history.last(), measures).findings);
    };
    CHECK(found(still_history(25, 0.0), far) == Kinds{"stagnation"});
    CHECK(found(still_history(25, 0.01), far).empty());
    CHECK(found(still_history(10, 0.0), far).empty());
    CHECK(found(still_history(25, 0.0), sound_measures()).empty());
}

TEST_CASE("settings and proportions that defeat the engine are found", "[recover]") {
    const Scene scene;
    const hsa::SplatRegistry& registry = *scene.state.registry;
    const auto with = [&](auto change) {
        hsa::CheckSettings settings;
        change(settings);
        const hsa::HealthReport report = scene.check(registry, true, settings);
        CHECK(kinds(report.findings) == Kinds{"configuration"});
        CHECK(report.findings.size() == 1);
        return report.findings.at(0).place.stage;
    };
    CHECK(with([](auto& s) { s.attention.temperature = 100.0; }) == "attention.temperature");
    CHECK(with([](auto& s) { s.adapt.learning_rate = 1.0; }) == "adapt.learning_rate");
    CHECK(with([](auto& s) { s.adapt.lambda = 0.5; }) == "adapt.lambda");
    CHECK(with([](auto& s) { s.adapt.probe_rows = 8; }) == "adapt.probe_rows");
    CHECK(with([&](auto& s) {
              for (const hsa::Level& level : registry.hierarchy.levels)
                  s.mask.muted.push_back(level.name);
          }) == "attention.level");

    // What else follows from an amplitude that takes everything may be found, too.
    const auto out_of = [&](const std::function<void(hsa::SplatRegistry&)>& damage) {
        std::vector<hsa::Finding> of_proportions;
        for (const hsa::Finding& finding : scene.check(scene.damaged(damage), true).findings)
            if (finding.kind == FindingKind::configuration) of_proportions.push_back(finding);
        return of_proportions;
    };
    const auto loud = out_of([](hsa::SplatRegistry& r) {
        r.log_amplitude[2] += recover_test::kLoud;
        r.log_amplitude[4] += recover_test::kLoud;
    });
    REQUIRE(loud.size() == 1);
    CHECK(loud[0].command == "recover.repair amplitudes");
    CHECK(loud[0].place.splats == std::vector<hsa::SplatId>{registry.id[2], registry.id[4]});
    const auto level = out_of([](hsa::SplatRegistry& r) {
        for (const std::size_t row : r.rows_of_level(1))
            r.log_amplitude[row] += recover_test::kLoud;
    });
    REQUIRE(level.size() == 1);
    CHECK(level[0].place.level == registry.hierarchy.levels[1].name);
    const auto all = out_of([](hsa::SplatRegistry& r) {
        for (float& w : r.log_amplitude) w += recover_test::kLoud;
    });
    REQUIRE(all.size() == 1);
    CHECK(all[0].numbers.at(1).name == "background_share");
    const auto wide = out_of([](hsa::SplatRegistry& r) {
        for (float& v : r.gaussians.variance.row(5)) v *= 1e9F;
    });
    REQUIRE(wide.size() == 1);
    CHECK(wide[0].command == "recover.repair widths");
}

TEST_CASE("attention that collapsed is found", "[recover]") {
    const hsa::SplatRegistry registry = two_levels();
    CHECK(hsa::find_collapse(registry, sound_measures()).findings.empty());
    hsa::Measures one = sound_measures();
    for (std::size_t s = 0; s < 6; ++s) one.usage[s] = s == 2 ? 0.49 : 0.002;
    const auto takes_all = hsa::find_collapse(registry, one).findings;
    REQUIRE(takes_all.size() == 1);
    CHECK(takes_all[0].place.splats == std::vector<hsa::SplatId>{registry.id[2]});
    hsa::Measures narrow = sound_measures();
    narrow.row_entropy_mean = 0.01;
    CHECK(kinds(hsa::find_collapse(registry, narrow).findings) == Kinds{"collapse"});
    hsa::Measures alike = sound_measures();
    alike.information_total = 0.001;
    CHECK(kinds(hsa::find_collapse(registry, alike).findings) == Kinds{"collapse"});
    alike.reference_kl = 0.01;  // so are the target's
    CHECK(hsa::find_collapse(registry, alike).findings.empty());
    // Splats that all lie in one place, wide enough to tell no token from another.
    const Scene scene;
    const hsa::SplatRegistry heap = scene.damaged([](hsa::SplatRegistry& r) {
        for (std::size_t row = 0; row < r.size(); ++row) {
            std::fill_n(r.gaussians.centre.row(row).begin(), r.dimension, 0.0F);
            std::fill_n(r.gaussians.variance.row(row).begin(), r.dimension, 500.0F);
        }
    });
    CHECK(kinds(scene.check(heap, true).findings).count("collapse") == 1);
}

TEST_CASE("levels that let nothing through are found", "[recover]") {
    const hsa::SplatRegistry registry = two_levels();
    CHECK(hsa::find_bottleneck(registry, sound_measures()).findings.empty());
    const auto found = [&](auto change) {
        hsa::Measures measures = sound_measures();
        change(measures);
        const auto findings = hsa::find_bottleneck(registry, measures).findings;
        CHECK(findings.size() == 1);
        return findings.empty() ? std::string() : findings[0].numbers.at(0).name;
    };
    CHECK(found([](auto& m) { m.levels[1].information = 1e-4; }) == "information_over_ln_k");
    CHECK(found([](auto& m) { m.levels[0].information = 0.02; }) == "information_over_level_above");
    CHECK(found([](auto& m) { m.levels[1].usage = 1e-4; }) == "usage_over_share");
}

TEST_CASE("settings that need more memory than there is are found", "[recover]") {
    hsa::MemoryNeed need;
    need.tokens = 1U << 20U;
    need.splats = 1024;
    need.dimension = 384;
    hsa::CheckSettings settings;
    settings.machine_bytes = std::size_t{256} << 30U;
    CHECK(hsa::find_memory(need, settings).findings.empty());
    settings.machine_bytes = std::size_t{32} << 30U;
    const auto budget = hsa::find_memory(need, settings).findings;
    REQUIRE(budget.size() == 1);
    CHECK(budget[0].severity == hsa::Severity::warning);
    settings.machine_bytes = std::size_t{8} << 30U;
    const auto machine = hsa::find_memory(need, settings).findings;
    REQUIRE(machine.size() == 1);
    CHECK(machine[0].severity == hsa::Severity::fault);
    const double full = need.bytes();
    need.storage = hsa::Storage::logarithmic;
    CHECK(need.bytes() < 0.5 * full);
}

TEST_CASE("gradients that vanish, explode or are no numbers are found", "[recover]") {
    const auto found = [&](double norm) {
        const hsa::History history = gradient_history(norm);
        const auto findings = hsa::find_gradients(history, 0).findings;
        return findings.empty()
                   ? std::string("nothing")
                   : std::string(findings[0].place.level) + " " + name_of(findings[0].severity);
    };
    CHECK(found(0.5) == "nothing");
    CHECK(found(0.0) == "Token warning");
    CHECK(found(1e9) == "Token fault");
    CHECK(found(std::numeric_limits<double>::quiet_NaN()) == "Token fault");
}

TEST_CASE("findings as JSON name what, where, how much and what helps", "[recover]") {
    const Scene scene(0);
    const hsa::HealthReport report =
        scene.check(scene.damaged([](hsa::SplatRegistry& r) { r.parent[3] = 99999; }), true);
    const nlohmann::json answer = hsa::answer_check(report);
    CHECK(answer["command"] == "recover.check");
    INFO(answer["findings"].dump());
    CHECK(answer["faults"] == 1);
    CHECK(answer["warnings"] == 0);
    const nlohmann::json& finding = answer["findings"].at(0);
    CHECK(finding["kind"] == "orphans");
    CHECK(finding["splats"].size() == 1);
    CHECK(finding["helps"] == "recover.repair orphans");
    CHECK(finding["numbers"].at(0)["threshold"] == 0.0);
    CHECK(answer["checks"].size() == report.checks.size());
}
