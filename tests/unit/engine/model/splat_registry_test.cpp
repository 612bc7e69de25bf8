#include "engine/model/splat_registry.h"

#include "engine/core/error.h"
#include "tests/catch.h"

#include <cmath>
#include <limits>
#include <vector>

using hsa::kNoSplat;
using hsa::Splat;
using hsa::SplatId;
using hsa::SplatRegistry;
using hsa::UsageHistory;

namespace {

Splat splat_of(std::uint16_t level, SplatId parent = kNoSplat) {
    Splat splat;
    splat.level = level;
    splat.parent = parent;
    splat.centre = {1.0F, 2.0F};
    splat.variance = {0.5F, 0.5F};
    return splat;
}

// doc <- phrase <- token, one splat each.
SplatRegistry chain() {
    SplatRegistry registry;
    registry.dimension = 2;
    registry.hierarchy.levels = {{"token", 0.5}, {"phrase", 0.3}, {"doc", 0.2}};
    const SplatId doc = registry.add(splat_of(2));
    const SplatId phrase = registry.add(splat_of(1, doc));
    registry.add(splat_of(0, phrase));
    return registry;
}

}  // namespace

TEST_CASE("usage history: a ring of ten in order, with the slope of the last five", "[model]") {
    UsageHistory usage;
    CHECK(usage.trend() == 0.0);
    usage.push(1.0F);
    CHECK(usage.trend() == 0.0);
    usage.push(3.0F);
    CHECK(usage.trend() == Approx(2.0));

    UsageHistory rise_and_fall;
    for (int t = 0; t < 10; ++t) rise_and_fall.push(0.1F * static_cast<float>(t));
    for (const float value : {.8F, .6F, .4F, .2F, 0.0F}) rise_and_fall.push(value);
    const auto recent = rise_and_fall.recent();
    REQUIRE(recent.size() == 10);
    const std::vector<float> last(recent.end() - 5, recent.end());
    CHECK(last == std::vector<float>{.8F, .6F, .4F, .2F, 0.0F});
    CHECK(rise_and_fall.trend() == Approx(-.2).margin(1e-6));

    UsageHistory counted;
    for (int t = 1; t <= 15; ++t) counted.push(static_cast<float>(t));
    for (std::size_t t = 0; t < 10; ++t) CHECK(counted.recent()[t] == static_cast<float>(t + 6));
}

TEST_CASE("registry: a level never empties, and a level can go", "[model]") {
    SplatRegistry registry = chain();
    check_invariants(registry);
    const SplatRegistry before = registry;
    CHECK_THROWS_WITH(registry.remove(1),
                      Catch::Contains("never empties") && Catch::Contains("phrase"));
    CHECK(same_bits(registry, before));

    registry.remove_level(1);
    check_invariants(registry);
    REQUIRE(registry.size() == 2);
    CHECK(registry.parent[registry.row(2)] == 0);  // the token splat's parent is the doc splat
    CHECK(registry.level[registry.row(0)] == 1);
    CHECK(registry.hierarchy.levels[1].name == "doc");
}

TEST_CASE("registry: a level that carries all the weight stays", "[model]") {
    SplatRegistry registry = chain();
    registry.hierarchy.levels[0].weight = 0.0;
    registry.hierarchy.levels[2].weight = 0.0;
    const SplatRegistry before = registry;
    CHECK_THROWS_WITH(registry.remove_level(1), Catch::Contains("phrase"));
    CHECK(same_bits(registry, before));
    registry.remove_level(0);
    CHECK_NOTHROW(check_invariants(registry));
}

TEST_CASE("registry: an inserted level separates children from parents until it has splats",
          "[model]") {
    SplatRegistry registry = chain();
    registry.insert_level(1, {"clause", 0.1});
    CHECK(registry.level == std::vector<std::uint16_t>{3, 2, 0});
    CHECK(registry.parent[registry.row(2)] == kNoSplat);
    CHECK(registry.parent[registry.row(1)] == 0);
    CHECK_THROWS_WITH(check_invariants(registry), Catch::Contains("clause"));
    registry.add(splat_of(1, 1));
    CHECK_NOTHROW(check_invariants(registry));
}

TEST_CASE("registry: ids are found, rise and are never used twice", "[model]") {
    SplatRegistry registry = chain();
    const SplatId extra = registry.add(splat_of(1, 0));
    CHECK(extra == 3);
    registry.remove(extra);
    CHECK_FALSE(registry.find(extra));
    CHECK_THROWS_WITH(registry.row(extra), Catch::Contains("3"));
    CHECK(registry.add(splat_of(1, 0)) == 4);
    CHECK(registry.children(0) == std::vector<SplatId>{1, 4});
    CHECK(registry.rows_of_level(1) == std::vector<std::size_t>{1, 3});
    CHECK(registry.count(1) == 2);
    registry.remove(1);
    CHECK(registry.parent[registry.row(2)] == kNoSplat);
}

TEST_CASE("registry: births take the places of the dead", "[model]") {
    SplatRegistry registry = chain();
    const Splat one = splat_of(0, 1);
    for (int extra = 0; extra < 60; ++extra) (void)registry.add(one);
    const std::size_t size = registry.size();
    (void)registry.add(one);  // room for one more than stays
    registry.remove(registry.id.back());
    const float* const centres = registry.gaussians.centre.data();
    const float* const variances = registry.gaussians.variance.data();
    const auto* const shapes = registry.gaussians.shape.data();
    const hsa::SplatId* const ids = registry.id.data();
    const hsa::SplatId next = registry.next_id;
    for (std::size_t event = 0; event < 5000; ++event) {
        registry.remove(registry.id[10 + event % 50]);
        (void)registry.add(one);
    }
    CHECK(registry.size() == size);
    CHECK(registry.next_id == next + 5000);  // of ids none is used twice
    CHECK(registry.gaussians.centre.data() == centres);
    CHECK(registry.gaussians.variance.data() == variances);
    CHECK(registry.gaussians.shape.data() == shapes);
    CHECK(registry.id.data() == ids);
}

TEST_CASE("registry: a splat as a value goes in and comes out unchanged", "[model]") {
    SplatRegistry registry = chain();
    Splat splat = splat_of(1, 0);
    splat.kind = hsa::CovarianceKind::diagonal;
    splat.variance = {0.1F, 0.9F};
    splat.log_amplitude = -1.5F;
    splat.beta = 0.125F;
    splat.age = 7;
    splat.usage.push(0.25F);
    splat.id = registry.add(splat);
    CHECK(registry.splat(registry.row(splat.id)) == splat);
    splat.age = 8;
    splat.centre[0] = -3.0F;
    registry.assign(splat);
    CHECK(registry.splat(registry.row(splat.id)) == splat);
    splat.centre.push_back(0.0F);
    CHECK_THROWS_AS(registry.add(splat), hsa::Error);
    CHECK_THROWS_AS(registry.assign(splat), hsa::Error);
}

TEST_CASE("registry: log weights are shares of levels times amplitudes", "[model]") {
    SplatRegistry registry = chain();
    registry.log_amplitude[2] = 0.5F;
    const std::vector<double> weights = registry.log_weights();
    CHECK(weights[0] == Approx(std::log(0.2)));
    CHECK(weights[2] == Approx(std::log(0.5) + 0.5));
    registry.hierarchy.levels[1].weight = 0.0;
    CHECK(std::isinf(registry.log_weights()[1]));
}

TEST_CASE("registry: every broken rule is named with the splat", "[model]") {
    const auto broken = [](auto&& change, const char* what) {
        SplatRegistry registry = chain();
        change(registry);
        CHECK_THROWS_WITH(check_invariants(registry), Catch::Contains(what));
    };
    constexpr float kInfinite = std::numeric_limits<float>::infinity();
    broken([](SplatRegistry& r) { r.id[1] = 0; }, "ids must differ and rise");
    broken([](SplatRegistry& r) { r.next_id = 2; }, "Splat 2");
    broken([](SplatRegistry& r) { r.level[2] = 9; }, "level 9");
    broken([](SplatRegistry& r) { r.parent[2] = 77; }, "77");
    broken([](SplatRegistry& r) { r.parent[2] = 0; }, "exactly one level above");
    broken([](SplatRegistry& r) { r.gaussians.centre(1, 0) = std::nanf(""); },
           "Splat 1: its centre");
    broken([](SplatRegistry& r) { r.gaussians.variance(1, 0) = 0.0F; }, "Splat 1");
    broken([](SplatRegistry& r) { r.gaussians.variance(1, 0) = -1.0F; }, "not positive");
    broken([](SplatRegistry& r) { r.gaussians.variance(1, 1) = kInfinite; },
           "not positive and finite");
    broken([](SplatRegistry& r) { r.gaussians.variance(1, 1) = 0.75F; }, "spherical");
    broken(
        [](SplatRegistry& r) {
            r.gaussians.kind[0] = hsa::CovarianceKind::diagonal;
            r.gaussians.variance(0, 0) = 1e-13F;
        },
        "condition");
    broken([](SplatRegistry& r) { r.gaussians.kind[0] = hsa::CovarianceKind::full; },
           "Splat 0: it is full");
    broken([](SplatRegistry& r) { r.gaussians.shape[1] = {0.1F}; }, "Splat 1: it is spherical");
    broken(
        [](SplatRegistry& r) {
            r.gaussians.kind[1] = hsa::CovarianceKind::full;
            r.gaussians.shape[1] = {0.6F};
        },
        "Splat 1: its covariance is not positive definite");
    broken(
        [](SplatRegistry& r) {
            r.gaussians.kind[1] = hsa::CovarianceKind::lowrank;
            r.gaussians.shape[1] = {kInfinite, 0.0F};
        },
        "Splat 1: its covariance holds inf");
    broken(
        [](SplatRegistry& r) {
            r.gaussians.kind[1] = hsa::CovarianceKind::lowrank;
            r.gaussians.shape[1] = {1e7F, 0.0F};
        },
        "condition");
    broken([](SplatRegistry& r) { r.gaussians.shape.pop_back(); }, "differ in length");
    broken([](SplatRegistry& r) { r.beta[0] = 0.0F; }, "beta");
    broken([](SplatRegistry& r) { r.beta[0] = kInfinite; }, "beta");
    broken([](SplatRegistry& r) { r.log_amplitude[0] = kInfinite; }, "amplitude");
    broken([](SplatRegistry& r) { r.hierarchy.levels[0].weight = -1.0; }, "token");
    broken(
        [](SplatRegistry& r) {
            for (hsa::Level& level : r.hierarchy.levels) level.weight = 0.0;
        },
        "All level weights are zero");
    broken([](SplatRegistry& r) { r.beta.pop_back(); }, "differ in length");
    broken([](SplatRegistry& r) { r.query_gaussians.emplace(); }, "query side");
    CHECK_THROWS_WITH(check_invariants(SplatRegistry{}), Catch::Contains("no splats"));
    SplatRegistry silent = chain();
    silent.log_amplitude[0] = -kInfinite;  // amplitude 0 is allowed
    CHECK_NOTHROW(check_invariants(silent));
}

TEST_CASE("registry: bits and hashes see every column", "[model]") {
    const SplatRegistry first = chain();
    const auto differs = [&first](auto&& change) {
        SplatRegistry other = first;
        change(other);
        CHECK_FALSE(same_bits(first, other));
        CHECK(hash_registry(first) != hash_registry(other));
    };
    CHECK(same_bits(first, chain()));
    CHECK(hash_registry(first) == hash_registry(chain()));
    differs([](SplatRegistry& r) { r.hierarchy.levels[0].weight = 0.6; });
    differs([](SplatRegistry& r) { r.hierarchy.levels[0].name = "word"; });
    differs([](SplatRegistry& r) { r.parent[2] = kNoSplat; });
    differs([](SplatRegistry& r) { r.gaussians.centre(0, 1) = 2.5F; });
    differs([](SplatRegistry& r) { r.gaussians.variance(0, 1) = 2.5F; });
    differs([](SplatRegistry& r) { r.gaussians.shape[0] = {0.25F}; });
    differs([](SplatRegistry& r) { r.log_amplitude[0] = -0.0F; });
    differs([](SplatRegistry& r) { r.beta[1] = 1.5F; });
    differs([](SplatRegistry& r) { r.age[1] = 3; });
    differs([](SplatRegistry& r) { r.usage_history[1].push(0.5F); });
    differs([](SplatRegistry& r) { r.next_id = 9; });
    differs([](SplatRegistry& r) { r.background_log_weight = -2.0; });

    const auto differs_in_bits = [&first](auto&& change) {
        SplatRegistry other = first;
        change(other);
        CHECK_FALSE(same_bits(first, other));
    };
    differs_in_bits([](SplatRegistry& r) { r.gaussians.kind[0] = hsa::CovarianceKind::diagonal; });
    differs_in_bits([](SplatRegistry& r) { r.form = hsa::Form::shared; });
    differs_in_bits([](SplatRegistry& r) { r.kappa = 0.5; });

    SplatRegistry a = first;
    a.beta[0] = std::nanf("");
    CHECK(same_bits(a, a));
}
