#include "engine/adapt/repair.h"

#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"

#include <cmath>
#include <limits>

using adapt_test::Lab;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Eight clusters with a splat each, of levels 0 (six of them) and 1 (two).
struct Scene {
    std::vector<std::vector<double>> around = adapt_test::directions(8, 6, 31);
    Lab lab;
    hsa::SplatRegistry registry;

    Scene() {
        lab.data = adapt_test::data_of(adapt_test::clusters(640, around, 8, 32), 2);
        std::vector<hsa::Splat> splats;
        for (std::size_t s = 0; s < 8; ++s)
            splats.push_back(
                adapt_test::splat_at(around[s], 1.0 + static_cast<double>(s), s < 6 ? 0 : 1));
        registry = adapt_test::registry_of(splats, {{"Token", 1.0}, {"Phrase", 1.0}});
    }
    // Four faults of four sorts in three splats, and the background.
    void damage() {
        registry.gaussians.centre(1, 2) = kNan;
        registry.beta[1] = 0.0F;
        for (float& v : registry.gaussians.variance.row(3)) v = -1.0F;
        registry.log_amplitude[7] = kInfinity;
        registry.background_log_weight = static_cast<double>(kNan);
    }
};

}  // namespace

TEST_CASE("every faulty number is replaced by what the sound splats of its level have",
          "[adapt][repair]") {
    Scene scene;
    const hsa::SplatRegistry before = scene.registry;
    scene.damage();
    const std::vector<hsa::Repair> notes = hsa::repair(scene.lab.data.coordinates, scene.registry);
    REQUIRE(notes.size() == 4);
    CHECK(notes[0].id == 1);
    CHECK(notes[0].numbers == 2);
    CHECK(notes[0].fault.find("axis 2 of its centre") != std::string::npos);
    CHECK(notes[1].id == 3);
    CHECK(notes[1].numbers == 6);
    CHECK(notes[2].id == 7);
    CHECK(notes[2].level == 1);
    CHECK(notes[3].id == hsa::kNoSplat);
    const hsa::SplatRegistry& now = scene.registry;
    CHECK_NOTHROW(hsa::check_invariants(now));
    // Sound splats of level 0: 0, 2, 4, 5.
    double centre = 0.0;
    for (const std::size_t s : {0U, 2U, 4U, 5U})
        centre += static_cast<double>(before.gaussians.centre(s, 2)) / 4.0;
    CHECK(now.gaussians.centre(1, 2) == Approx(centre).margin(1e-6));
    CHECK(now.gaussians.centre(1, 0) == before.gaussians.centre(1, 0));  // what was sound stays
    CHECK(now.beta[1] == 1.0F);
    // The upper median of 1, 1/3, 1/5, 1/6.
    CHECK(now.gaussians.variance(3, 0) == Approx(1.0 / 3.0));
    CHECK(now.log_amplitude[7] == before.log_amplitude[6]);
    CHECK(std::isfinite(*now.background_log_weight));
    for (const std::size_t s : {0U, 2U, 4U, 5U, 6U}) CHECK(now.splat(s) == before.splat(s));
    CHECK(hsa::repair(scene.lab.data.coordinates, scene.registry).empty());
}

TEST_CASE("a level without a sound splat takes the data's mean and variance", "[adapt][repair]") {
    Scene scene;
    for (std::size_t s = 0; s < 6; ++s) {
        scene.registry.gaussians.centre(s, 0) = kNan;
        for (float& v : scene.registry.gaussians.variance.row(s)) v = kNan;
    }
    CHECK(hsa::repair(scene.lab.data.coordinates, scene.registry).size() == 6);
    CHECK_NOTHROW(hsa::check_invariants(scene.registry));
    const hsa::Matrix<float>& x = *scene.lab.data.coordinates.base;
    double sum = 0.0;
    double square = 0.0;
    for (std::size_t i = 0; i < x.rows(); ++i) {
        sum += static_cast<double>(x(i, 0)) / 640.0;
        square += std::pow(static_cast<double>(x(i, 0)), 2) / 640.0;
    }
    for (std::size_t s = 0; s < 6; ++s) {
        CHECK(scene.registry.gaussians.centre(s, 0) == Approx(sum).margin(1e-5));
        CHECK(scene.registry.gaussians.variance(s, 0) == Approx(square - sum * sum).epsilon(1e-4));
    }
}

TEST_CASE("a cycle repairs several splats first, one event each, and ends sound",
          "[adapt][repair]") {
    Scene scene;
    scene.lab.settings = adapt_test::fast();
    hsa::AdaptState state = scene.lab.begin(scene.registry);
    const double settled = scene.lab.step(state).measures.row_kl;
    scene.damage();
    state.registry = std::make_shared<const hsa::SplatRegistry>(scene.registry);
    const hsa::CycleResult result = scene.lab.step(state);
    std::vector<hsa::SplatId> repaired;
    for (std::size_t e = 0; e < result.events.size(); ++e) {
        const hsa::Event& event = result.events[e];
        if (event.kind != hsa::EventKind::repair) continue;
        CHECK(e == repaired.size());  // before anything else
        CHECK(event.by == hsa::Actor::repair);
        CHECK(event.accepted);
        CHECK(event.text.find("repaired") != std::string::npos);
        CHECK(event.decided_by.front().value >= 1.0);
        repaired.push_back(event.before.empty() ? hsa::kNoSplat : event.before.front());
    }
    CHECK(repaired == std::vector<hsa::SplatId>{1, 3, 7, hsa::kNoSplat});
    CHECK_NOTHROW(hsa::check_invariants(*result.state.registry));
    CHECK(std::isfinite(result.measures.row_kl));
    // A repaired splat is left alone by events in that cycle.
    for (const hsa::Event& event : result.events)
        if (hsa::is_structural(event.kind))
            for (const hsa::SplatId id : event.before) CHECK((id != 1 && id != 3 && id != 7));
    double w = result.measures.row_kl;
    state = result.state;
    for (int cycle = 0; cycle < 5; ++cycle) {
        const hsa::CycleResult next = scene.lab.step(state);
        w = next.measures.row_kl;
        state = next.state;
    }
    CHECK(w < 1.05 * settled);  // adaptation.md "To reach" 4
}
