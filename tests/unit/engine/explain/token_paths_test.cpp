#include "engine/explain/token_paths.h"

#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace {

struct World {
    reference::Case made = reference::random_case(
        {.tokens = 70, .dimension = 3, .splats = {5, 3, 2}, .background = true}, 21);
    hsa::Factors factors = reference::factors_of(made);
    hsa::LevelFlow flow = hsa::level_flow(factors, made.registry, {});
};

// P_0(s|i) in the finest level: that of the level over its sum.
std::vector<double> finest(const World& world, std::size_t token) {
    std::vector<double> shares(5);
    double all = 0.0;
    for (std::size_t s = 0; s < 5; ++s) {
        shares[s] = static_cast<double>(world.factors.p(token, s));
        all += shares[s];
    }
    for (double& share : shares) share /= all;
    return shares;
}

double step(const hsa::FlowLink& link, std::size_t c, std::size_t t) {
    double all = 0.0;
    for (const double mass : link.mass.row(c)) all += mass;
    return link.mass(c, t) / all;
}

}  // namespace

TEST_CASE("ways up the levels are the products of their steps, and all of them sum to 1",
          "[explain][levels]") {
    const World world;
    const std::size_t token = 17;
    const hsa::TokenPaths found =
        hsa::token_paths(world.factors, world.made.registry, world.flow, token);
    const std::vector<double> start = finest(world, token);
    const hsa::FlowLink& first = *world.flow.link(0, 1);
    const hsa::FlowLink& second = *world.flow.link(1, 2);
    std::vector<double> all;
    double on_tree = 0.0;
    for (std::size_t a = 0; a < 5; ++a)
        for (std::size_t b = 0; b < 3; ++b)
            for (std::size_t c = 0; c < 2; ++c) {
                all.push_back(start[a] * step(first, a, b) * step(second, b, c));
                const bool tree =
                    world.made.registry.parent[a] == world.made.registry.id[5 + b] &&
                    world.made.registry.parent[5 + b] == world.made.registry.id[8 + c];
                if (tree) on_tree += all.back();
            }
    std::sort(all.rbegin(), all.rend());
    REQUIRE(found.paths.size() == 12);
    for (std::size_t p = 0; p < 12; ++p) {
        CHECK(found.paths[p].share == Approx(all[p]).epsilon(1e-5));
        CHECK(found.paths[p].splats.size() == 3);
    }
    CHECK(found.along_tree == Approx(on_tree).epsilon(1e-5));
    auto gates = static_cast<double>(world.factors.p(token, world.factors.columns() - 1));
    for (const double gate : found.gates) gates += gate;
    CHECK(gates == Approx(1.0).epsilon(1e-5));
}

TEST_CASE("what a token arrives at from a level is the sum over the ways there",
          "[explain][levels]") {
    const World world;
    const std::size_t token = 3;
    const hsa::TokenPaths found =
        hsa::token_paths(world.factors, world.made.registry, world.flow, token);
    const std::vector<double> start = finest(world, token);
    const hsa::FlowLink& first = *world.flow.link(0, 1);
    std::vector<double> value(70, 0.0);
    for (std::size_t a = 0; a < 5; ++a)
        for (std::size_t b = 0; b < 3; ++b)
            for (std::size_t j = 0; j < 70; ++j)
                value[j] +=
                    start[a] * step(first, a, b) * static_cast<double>(world.factors.k(j, 5 + b));
    REQUIRE(found.arrives.size() == 3);
    for (const hsa::WeightedToken& each : found.arrives[1])
        CHECK(static_cast<double>(each.value) == Approx(value[each.token]).epsilon(1e-4));
    CHECK(static_cast<double>(found.arrives[1].front().value) ==
          Approx(*std::max_element(value.begin(), value.end())).epsilon(1e-4));
    CHECK_THROWS_AS(hsa::token_paths(world.factors, world.made.registry, world.flow, 70),
                    hsa::Error);
}
