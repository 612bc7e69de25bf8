#include "engine/explain/tokens.h"

#include "engine/core/error.h"
#include "engine/explain/health.h"
#include "tests/catch.h"
#include "tests/unit/engine/explain/world.h"

#include <cmath>
#include <limits>
#include <set>

using explain_test::make_world;
using explain_test::World;
using hsa::Property;

namespace {

const Property& find(const std::vector<Property>& properties, const std::string& name) {
    for (const Property& property : properties)
        if (property.name == name) return property;
    FAIL("no property " << name);
    return properties.front();
}

void check_told(const std::vector<Property>& properties, std::size_t size) {
    std::set<std::string> names;
    for (const Property& property : properties) {
        CHECK(names.insert(property.name).second);
        CHECK(property.values.size() == size);
        CHECK(property.help.size() > 20);
        CHECK(property.help.back() == '.');
    }
}

}  // namespace

TEST_CASE("properties of tokens", "[explain][tokens]") {
    const World world = make_world({});
    const hsa::Factors& f = world.factors;
    const auto properties = hsa::token_properties(f, world.coordinates);
    check_told(properties, 40);
    const auto a = explain_test::attention_of(f);
    double received = 0.0;
    for (std::size_t i = 0; i < 40; ++i) {
        double entropy = 0.0;
        double largest = 0.0;
        double column = 0.0;
        for (const float p : f.p.row(i)) {
            const auto share = static_cast<double>(p);
            if (share > 0.0) entropy -= share * std::log(share);
            largest = std::max(largest, share);
        }
        for (std::size_t j = 0; j < 40; ++j) column += a(j, i);
        CHECK(find(properties, "entropy").values[i] == Approx(entropy).margin(1e-6));
        CHECK(find(properties, "largest share").values[i] == Approx(largest));
        CHECK(find(properties, "received").values[i] == Approx(column).epsilon(1e-5));
        CHECK(find(properties, "self").values[i] == Approx(40.0 * a(i, i)).epsilon(1e-5));
        CHECK(find(properties, "weight").values[i] == world.coordinates.token_weight[i]);
        received += column / 40.0;
    }
    CHECK(received == Approx(1.0));  // uniform attention gives every token 1
    CHECK(hsa::token_properties(f, {}).size() == properties.size() - 1);  // no weights
}

TEST_CASE("entropy of a one-hot and of a uniform row", "[explain][tokens]") {
    hsa::Factors factors = make_world({2, 3, 3, 1, false, 2}).factors;
    for (std::size_t s = 0; s < 4; ++s) {
        factors.p(0, s) = s == 2 ? 1.0F : 0.0F;
        factors.p(1, s) = 0.25F;
    }
    const auto properties = hsa::token_properties(factors, {});
    CHECK(find(properties, "entropy").values[0] == 0.0F);
    CHECK(find(properties, "entropy").values[1] == Approx(std::log(4.0)));
}

TEST_CASE("properties of splats", "[explain][tokens]") {
    const World world = make_world({});
    std::vector<float> share(9, 0.25F);
    const auto properties = hsa::splat_properties(world.registry, world.measures, share);
    check_told(properties, 9);
    for (std::size_t s = 0; s < 9; ++s) {
        double variance = 0.0;
        for (const float v : world.registry.gaussians.variance.row(s))
            variance += static_cast<double>(v) / 5.0;
        CHECK(find(properties, "usage").values[s] == Approx(world.measures.usage[s]));
        CHECK(find(properties, "information").values[s] == Approx(world.measures.information[s]));
        CHECK(find(properties, "beta").values[s] == world.registry.beta[s]);
        CHECK(find(properties, "spread").values[s] ==
              Approx(std::sqrt(variance / static_cast<double>(world.registry.beta[s]))));
        CHECK(find(properties, "age").values[s] == Approx(static_cast<double>(s)));
        CHECK(find(properties, "trend").values[s] ==
              Approx(world.registry.usage_history[s].trend()));
        if (s < 6) CHECK(find(properties, "parent share").values[s] == 0.25F);
        else CHECK(std::isnan(find(properties, "parent share").values[s]));  // no parent
    }
    const auto unknown = hsa::splat_properties(world.registry, world.measures, {});
    CHECK(std::isnan(find(unknown, "parent share").values[0]));
    CHECK_THROWS_AS(hsa::splat_properties(world.registry, {}, share), hsa::Error);
}

TEST_CASE("the dominant splat of every level", "[explain][tokens]") {
    World world = make_world({});
    world.factors.p(3, 1) = world.factors.p(3, 4) = 0.9F;  // a tie
    for (std::size_t c = 6; c < 9; ++c) world.factors.p(5, c) = 0.0F;
    const auto dominant = hsa::dominant_splats(world.factors, 2);
    REQUIRE(dominant.size() == 2);
    for (std::size_t level = 0; level < 2; ++level)
        for (std::size_t i = 0; i < 40; ++i) {
            hsa::SplatId best = hsa::kNoSplat;
            float most = 0.0F;
            for (std::size_t c = 0; c < 9; ++c)
                if (world.factors.level[c] == level && world.factors.p(i, c) > most) {
                    most = world.factors.p(i, c);
                    best = world.factors.ids[c];
                }
            CHECK(dominant[level][i] == best);
        }
    CHECK(dominant[0][3] == 1);
    CHECK(dominant[1][5] == hsa::kNoSplat);
}

TEST_CASE("health of factors", "[explain][health]") {
    World world = make_world({});
    const hsa::FactorHealth well = hsa::factor_health(world.factors);
    CHECK(well.row_sum_error < 1e-6);
    CHECK(well.key_sum_error < 1e-6);
    CHECK(well.empty_rows == 0);
    CHECK(well.not_finite == 0);
    for (float& p : world.factors.p.row(2)) p = 0.0F;
    world.factors.p(4, 0) += 0.25F;
    world.factors.k(4, 1) += 0.5F;
    world.factors.k(5, 2) = std::numeric_limits<float>::quiet_NaN();
    const hsa::FactorHealth ill = hsa::factor_health(world.factors);
    CHECK(ill.row_sum_error == Approx(0.25).epsilon(1e-5));
    CHECK(ill.key_sum_error == Approx(0.5).epsilon(1e-5));
    CHECK(ill.empty_rows == 1);
    CHECK(ill.not_finite == 1);
}

TEST_CASE("health of levels", "[explain][health]") {
    World world = make_world({});
    world.measures.usage = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.0, 0.39, 0.01};
    const auto levels = hsa::level_health(world.registry, world.measures);
    REQUIRE(levels.size() == 2);
    CHECK(levels[0].name == "Fine");
    CHECK(levels[0].usage_gini == Approx(0.0).margin(1e-12));
    CHECK(levels[0].dead.empty());
    CHECK(levels[1].dead ==
          std::vector<hsa::SplatId>{6});  // 0 < 5 % of .4/3; .01 is more than .0067
    // mean |x - y| over all pairs of {0, .39, .01}: 2 (.39 + .38 + .01) / 9, over twice the mean.
    CHECK(levels[1].usage_gini == Approx(1.56 / 9.0 / (2.0 * 0.4 / 3.0)));
}
