#include "tests/unit/engine/adapt/initialise_test.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using hsa::Factors;
using hsa::SplatRegistry;
using namespace initialise_test;

namespace {

std::vector<double> level_usage(const Factors& factors, std::size_t levels) {
    const std::vector<double> usage = usage_of(factors);
    std::vector<double> sums(levels, 0.0);
    for (std::size_t s = 0; s < usage.size(); ++s)
        if (factors.level[s] != hsa::kBackgroundLevel) sums[factors.level[s]] += usage[s];
    return sums;
}

}  // namespace

TEST_CASE("calibration changes weights and nothing else", "[adapt][initialise][calibration]") {
    Made made = make(embed_test::embedded(embed_test::made_up_text(800, 2)));
    const SplatRegistry before = made.registry;
    const std::vector<double> members(before.size(), 9.0);
    (void)hsa::calibrate(*cpu(), made.coordinates, members, made.registry, hsa::Work{});
    SplatRegistry restored = made.registry;
    CHECK(restored.log_amplitude != before.log_amplitude);
    restored.log_amplitude = before.log_amplitude;
    restored.background_log_weight = before.background_log_weight;
    CHECK(same_bits(restored, before));
}

TEST_CASE("calibration works from weights far apart", "[adapt][initialise][calibration]") {
    // Widths of one splat far from the others' put its logits far from theirs.
    Made made = make(embed_test::embedded(embed_test::made_up_text(1000, 4)));
    for (std::size_t a = 0; a < made.registry.dimension; ++a) {
        made.registry.gaussians.variance(0, a) *= 0.05F;
        made.registry.gaussians.variance(1, a) *= 20.0F;
    }
    const std::vector<double> members(made.registry.size(), 25.0);
    const hsa::Calibration found =
        hsa::calibrate(*cpu(), made.coordinates, members, made.registry, hsa::Work{});
    CHECK(std::isfinite(found.largest_deviation));
    for (const float amplitude : made.registry.log_amplitude) CHECK(std::isfinite(amplitude));
    // Reported as found: the usage of the registry says the same.
    const std::vector<double> usage = usage_of(factors_of(made));
    double worst = 0.0;
    for (std::size_t s = 0; s < made.registry.size(); ++s) {
        const std::size_t level = made.registry.level[s];
        const double wanted =
            made.hierarchy.share(level) / static_cast<double>(made.registry.count(level));
        worst = std::max(worst, std::abs(usage[s] / wanted - 1.0));
    }
    CHECK(worst == Approx(found.largest_deviation).margin(2e-3));
}

namespace {

// Clusters of unlike size, `apart` times their own width from each other, as rows in no order.
hsa::Matrix<float> islands(double apart) {
    hsa::Random random{77};
    hsa::Matrix<float> x(1200, 6);
    for (std::size_t i = 0; i < x.rows(); ++i) {
        const double at = random.uniform();
        const auto cluster = static_cast<std::size_t>(12.0 * at * at);
        hsa::Random centre{78, cluster};
        for (float& c : x.row(i)) c = static_cast<float>(apart * centre.normal() + random.normal());
    }
    return x;
}

// Largest |u_s / q_s - 1| with q equal within a level, by the factors.
double worst_of(const Made& made) {
    const std::vector<double> usage = usage_of(factors_of(made));
    const double splats = std::accumulate(
        usage.begin(), usage.begin() + static_cast<std::ptrdiff_t>(made.registry.size()), 0.0);
    double worst = 0.0;
    for (std::size_t s = 0; s < made.registry.size(); ++s) {
        const std::size_t level = made.registry.level[s];
        const double wanted =
            made.hierarchy.share(level) / static_cast<double>(made.registry.count(level));
        worst = std::max(worst, std::abs(usage[s] / splats / wanted - 1.0));
    }
    return worst;
}

}  // namespace

TEST_CASE("calibration meets every splat's share to five per cent, or says what it reached",
          "[adapt][initialise][calibration][plain]") {
    Made made;
    SECTION("a text: met") {
        made = make(embed_test::embedded(embed_test::sample("voyage.txt")));
        CHECK(made.calibration.met());
        CHECK(made.calibration.rounds <= 60);
        const std::vector<double> levels = level_usage(factors_of(made), 4);
        const double all = std::accumulate(levels.begin(), levels.end(), 0.0);
        for (std::size_t l = 0; l < 4; ++l)
            CHECK(levels[l] / all == Approx(made.hierarchy.share(l)).epsilon(0.05));
        CHECK(1.0 - all == Approx(1e-3).epsilon(0.02));  // the background
        CHECK(made.calibration.background_share == Approx(1e-3).epsilon(0.02));
    }
    SECTION("clusters far apart: a cluster's rows cannot give its splats more than they have") {
        made = make(embed_test::vectors(islands(3.0)));
        CHECK_FALSE(made.calibration.met());
        CHECK(made.calibration.largest_deviation < 1.0);
    }
    // Every splat alike: then the shares are known without counting members.
    const std::vector<double> members(made.registry.size(), 4.0);
    const hsa::Calibration found =
        hsa::calibrate(*cpu(), made.coordinates, members, made.registry, hsa::Work{});
    CHECK(worst_of(made) == Approx(found.largest_deviation).margin(0.01));
    if (found.met()) CHECK(worst_of(made) < 0.06);
}

TEST_CASE("a splat that no row is near leaves calibration finite",
          "[adapt][initialise][calibration]") {
    Made made = make(embed_test::embedded(embed_test::made_up_text(600, 2)));
    for (float& c : made.registry.gaussians.centre.row(0)) c = 1e6F;
    const std::vector<double> members(made.registry.size(), 9.0);
    const hsa::Calibration found =
        hsa::calibrate(*cpu(), made.coordinates, members, made.registry, hsa::Work{});
    CHECK(std::isfinite(found.largest_deviation));
    for (const float amplitude : made.registry.log_amplitude) CHECK_FALSE(std::isnan(amplitude));
    CHECK_NOTHROW(check_invariants(made.registry));
}

TEST_CASE("a level weight is the share of attention through the level",
          "[adapt][initialise][calibration]") {
    Made made = make(embed_test::embedded(embed_test::made_up_text(2500, 1)));
    made.registry.hierarchy.levels[0].weight = 0.55;
    made.registry.hierarchy.levels[1].weight = 0.05;
    made.registry.hierarchy.levels[2].weight = 0.3;
    made.registry.hierarchy.levels[3].weight = 0.1;
    const SplatRegistry before = made.registry;
    const std::vector<double> offsets =
        hsa::solve_level_offsets(*cpu(), made.coordinates, made.registry, hsa::Work{});
    REQUIRE(offsets.size() == 4);
    const Factors factors = factors_of(made);
    const std::vector<double> usage = level_usage(factors, 4);
    const double rest = std::accumulate(usage.begin(), usage.end(), 0.0);
    for (std::size_t l = 0; l < 4; ++l)
        CHECK(usage[l] / rest ==
              Approx(made.registry.hierarchy.share(l)).epsilon(1e-4));  // n < 4,096: all rows
    // One number a level.
    for (std::size_t s = 0; s < before.size(); ++s)
        CHECK(static_cast<double>(made.registry.log_amplitude[s] - before.log_amplitude[s]) ==
              Approx(offsets[before.level[s]]).margin(1e-5));
    // A level without weight stays out of it.
    made.registry.hierarchy.levels[3].weight = 0.0;
    (void)hsa::solve_level_offsets(*cpu(), made.coordinates, made.registry, hsa::Work{});
    for (const float amplitude : made.registry.log_amplitude) CHECK(std::isfinite(amplitude));
    CHECK(level_usage(factors_of(made), 4)[3] == 0.0);
}

TEST_CASE("calibration without a background adds none", "[adapt][initialise][calibration]") {
    hsa::SplatSettings settings;
    settings.background = false;
    const Made made = make(embed_test::embedded(embed_test::made_up_text(600, 2)), {}, settings);
    CHECK_FALSE(made.registry.background_log_weight.has_value());
    const Factors factors = factors_of(made);
    CHECK_FALSE(factors.has_background());
}

TEST_CASE("parents have the largest overlap and shares of the child",
          "[adapt][initialise][parents]") {
    Made made = make(embed_test::embedded(embed_test::made_up_text(2500, 1)));
    SplatRegistry registry = made.registry;
    const std::vector<float> share =
        hsa::assign_parents(*cpu(), made.coordinates, registry, hsa::Work{});
    CHECK(registry.parent == made.registry.parent);
    REQUIRE(share.size() == registry.size());
    // By the definition: P within the parents' level alone.
    const Factors all = factors_of(made);
    for (std::size_t l = 0; l + 1 < 4; ++l) {
        hsa::FactorOptions options;
        options.mask.solo = {made.hierarchy.levels[l + 1].name};
        SplatRegistry alone = registry;
        alone.background_log_weight.reset();
        const Factors parents =
            hsa::compute_factors(*cpu(), alone, made.coordinates, options, hsa::Work{});
        for (const std::size_t child : registry.rows_of_level(l)) {
            double best = 0.0;
            std::size_t parent = 0;
            double total = 0.0;
            for (const std::size_t t : registry.rows_of_level(l + 1)) {
                double overlap = 0.0;
                for (std::size_t j = 0; j < all.tokens(); ++j)
                    overlap +=
                        static_cast<double>(all.k(j, child)) * static_cast<double>(parents.p(j, t));
                total += overlap;
                if (overlap > best) {
                    best = overlap;
                    parent = t;
                }
            }
            CHECK(total == Approx(1.0).epsilon(1e-4));
            CHECK(static_cast<double>(share[child]) == Approx(best).epsilon(1e-4));
            CHECK(registry.parent[child] == registry.id[parent]);
        }
    }
    for (const std::size_t top : registry.rows_of_level(3)) {
        CHECK(registry.parent[top] == hsa::kNoSplat);
        CHECK(std::isnan(share[top]));
    }
}
