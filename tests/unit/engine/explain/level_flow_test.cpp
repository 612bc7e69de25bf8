#include "engine/explain/level_flow.h"

#include "engine/core/work.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <cmath>
#include <numeric>
#include <span>
#include <vector>

namespace {

// P_l(s|i) from the rows of P: those of the level over their sum.
reference::Matrix<double> of_level(const hsa::Factors& factors, std::uint16_t level) {
    std::vector<std::size_t> columns;
    for (std::size_t c = 0; c < factors.columns(); ++c)
        if (factors.level[c] == level) columns.push_back(c);
    reference::Matrix<double> shares(factors.tokens(), columns.size());
    for (std::size_t i = 0; i < factors.tokens(); ++i) {
        double all = 0.0;
        for (const std::size_t c : columns) all += static_cast<double>(factors.p(i, c));
        for (std::size_t s = 0; s < columns.size(); ++s)
            shares(i, s) = static_cast<double>(factors.p(i, columns[s])) / all;
    }
    return shares;
}

double entropy(std::span<const double> shares) {
    double sum = 0.0;
    for (const double share : shares)
        if (share > 0.0) sum -= share * std::log(share);
    return sum;
}

// Two levels over four clusters of tokens: a splat a cluster, then a splat for two clusters each.
reference::Case two_and_four(float coarse_variance) {
    reference::Case made =
        reference::random_case({.tokens = 80, .dimension = 2, .splats = {4, 2}}, 5);
    const std::vector<std::array<float, 2>> centres = {{-10.0F, -1.0F}, {-10.0F, 1.0F},
                                                       {10.0F, -1.0F},  {10.0F, 1.0F},
                                                       {-10.0F, 0.0F},  {10.0F, 0.0F}};
    for (std::size_t s = 0; s < 6; ++s) {
        for (std::size_t a = 0; a < 2; ++a) {
            made.registry.gaussians.centre(s, a) = centres[s][a];
            made.registry.gaussians.variance(s, a) = s < 4 ? 0.05F : coarse_variance;
        }
        made.registry.log_amplitude[s] = 0.0F;
        made.registry.beta[s] = 1.0F;
    }
    for (std::size_t s = 0; s < 4; ++s) made.registry.parent[s] = s < 2 ? 4 : 5;
    hsa::Matrix<float> rows(80, 2);
    for (std::size_t i = 0; i < 80; ++i)
        for (std::size_t a = 0; a < 2; ++a) rows(i, a) = centres[i / 20][a];
    made.set_rows(rows);
    return made;
}

}  // namespace

TEST_CASE("mass between levels is what its definition says", "[explain][levels]") {
    const hsa::CovarianceKind kind = GENERATE(from_range(reference::kKinds));
    const reference::Case made = reference::random_case({.tokens = 60,
                                                         .dimension = 3,
                                                         .splats = {7, 4, 2},
                                                         .kind = kind,
                                                         .background = true,
                                                         .own_blocks = true,
                                                         .mixed_ids = true},
                                                        11);
    const hsa::Factors factors = reference::factors_of(made);
    const hsa::LevelFlow flow = hsa::level_flow(factors, made.registry, {});
    REQUIRE(flow.levels.size() == 3);
    REQUIRE(flow.links.size() == 3);
    CHECK(flow.exact);
    CHECK(flow.tokens == 60);
    std::vector<reference::Matrix<double>> shares;
    for (std::uint16_t l = 0; l < 3; ++l) shares.push_back(of_level(factors, l));
    for (const hsa::FlowLevel& level : flow.levels)
        CHECK(std::accumulate(level.usage.begin(), level.usage.end(), 0.0) == Approx(1.0));
    for (const hsa::FlowLink& link : flow.links) {
        const hsa::FlowLevel& finer = flow.levels[link.finer];
        const hsa::FlowLevel& coarser = flow.levels[link.coarser];
        double sum = 0.0;
        for (std::size_t c = 0; c < finer.splats.size(); ++c) {
            const std::size_t column = made.registry.row(finer.splats[c]);
            double usage = 0.0;
            for (std::size_t i = 0; i < 60; ++i) usage += shares[link.finer](i, c) / 60.0;
            CHECK(finer.usage[c] == Approx(usage).epsilon(1e-4));
            for (std::size_t t = 0; t < coarser.splats.size(); ++t) {
                double overlap = 0.0;
                for (std::size_t j = 0; j < 60; ++j)
                    overlap +=
                        static_cast<double>(factors.k(j, column)) * shares[link.coarser](j, t);
                CHECK(link.mass(c, t) == Approx(usage * overlap).epsilon(1e-4).margin(1e-7));
                sum += link.mass(c, t);
            }
        }
        CHECK(sum == Approx(1.0));
        const std::vector<double> masses(link.mass.data(), link.mass.data() + link.mass.size());
        CHECK(link.conditional_entropy ==
              Approx(entropy(masses) - entropy(finer.usage)).margin(1e-6));
        CHECK(link.information ==
              Approx(entropy(link.into) - link.conditional_entropy).margin(1e-6));
        CHECK(link.along_tree.has_value() == !link.skips());
        CHECK(link.kept <= 1.0);
        for (std::size_t t = 0; t < coarser.splats.size(); ++t) {
            CHECK(link.into[t] / coarser.usage[t] >= link.least_ratio);
            CHECK(link.into[t] / coarser.usage[t] <= link.most_ratio);
        }
    }
    double gates = 0.0;
    for (const hsa::FlowLevel& level : flow.levels) {
        gates += level.gate_mean;
        CHECK(level.gate_low <= level.gate_mean);
        CHECK(level.gate_high >= level.gate_mean);
    }
    CHECK(gates < 1.0);  // the background has the rest
    CHECK(gates > 0.5);
}

TEST_CASE("a tree that holds keeps all, one that does not is a bottleneck", "[explain][levels]") {
    const reference::Case whole = two_and_four(1.0F);
    const hsa::LevelFlow held = hsa::level_flow(reference::factors_of(whole), whole.registry, {});
    REQUIRE(held.links.size() == 1);
    CHECK(held.links[0].kept == Approx(1.0).epsilon(1e-3));
    CHECK(*held.links[0].along_tree == Approx(1.0).epsilon(1e-3));
    CHECK(held.links[0].information == Approx(std::log(2.0)).epsilon(1e-3));
    CHECK(held.levels[0].information == Approx(std::log(4.0)).epsilon(1e-2));
    CHECK(held.bottleneck() == &held.links[0]);
    // Coarse splats so wide that each holds everything pass nothing on.
    const reference::Case wide = two_and_four(1e5F);
    const hsa::LevelFlow lost = hsa::level_flow(reference::factors_of(wide), wide.registry, {});
    CHECK(lost.links[0].kept < 0.01);
    CHECK(*lost.links[0].along_tree == Approx(0.5).epsilon(0.02));
    // Parents that are not those of the mass.
    reference::Case scrambled = two_and_four(1.0F);
    for (std::size_t s = 0; s < 4; ++s) scrambled.registry.parent[s] = s < 2 ? 5 : 4;
    const hsa::LevelFlow turned =
        hsa::level_flow(reference::factors_of(scrambled), scrambled.registry, {});
    CHECK(*turned.links[0].along_tree < 1e-3);
    CHECK(turned.links[0].kept == Approx(1.0).epsilon(1e-3));
}

TEST_CASE("levels muted to look pass on what they did", "[explain][levels]") {
    const reference::Case made = reference::random_case(
        {.tokens = 50, .dimension = 2, .splats = {5, 3}, .background = true}, 3);
    const hsa::LevelFlow before = hsa::level_flow(reference::factors_of(made), made.registry, {});
    hsa::FactorOptions options;
    options.mask.muted = {made.registry.hierarchy.levels[1].name};
    const hsa::LevelFlow after =
        hsa::level_flow(reference::factors_of(made, options), made.registry, {});
    CHECK(after.levels[1].gate_mean == Approx(0.0).margin(1e-6));
    for (std::size_t e = 0; e < before.links[0].mass.size(); ++e)
        CHECK(after.links[0].mass.data()[e] ==
              Approx(before.links[0].mass.data()[e]).epsilon(1e-4).margin(1e-7));
}

TEST_CASE("one level alone has no link", "[explain][levels]") {
    const reference::Case made =
        reference::random_case({.tokens = 20, .dimension = 2, .splats = {3}}, 2);
    const hsa::LevelFlow flow = hsa::level_flow(reference::factors_of(made), made.registry, {});
    CHECK(flow.links.empty());
    CHECK(flow.bottleneck() == nullptr);
    CHECK(flow.levels[0].gate_mean == Approx(1.0));
}
