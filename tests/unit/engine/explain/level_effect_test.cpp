#include "engine/explain/level_effect.h"

#include "engine/attention/cells.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <cmath>

namespace {

// Mean KL of the target's rows to those of A = P K.
double row_kl(const hsa::Target& target, const hsa::Factors& factors) {
    const std::size_t n = factors.tokens();
    std::vector<std::uint32_t> all(n);
    for (std::size_t i = 0; i < n; ++i) all[i] = static_cast<std::uint32_t>(i);
    hsa::Matrix<float> t(n, n);
    hsa::Matrix<float> a(n, n);
    target.rows(all, t.view());
    hsa::attention_rows(factors, all, {}, a.view());
    double sum = 0.0;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            if (t(i, j) > 0.0F)
                sum += static_cast<double>(t(i, j)) *
                       std::log(static_cast<double>(t(i, j)) /
                                std::max(static_cast<double>(a(i, j)), 1e-30));
    return sum / static_cast<double>(n);
}

}  // namespace

TEST_CASE("attention without a level is what muting it gives", "[explain][levels]") {
    const bool causal = GENERATE(false, true);
    const reference::Case made = reference::random_case(
        {.tokens = 70, .dimension = 3, .splats = {6, 4, 2}, .background = true, .own_blocks = true},
        7);
    const hsa::Target target(*made.coordinates.base, 0.7, causal);
    hsa::FactorOptions options;
    options.causal = causal;
    const hsa::Factors whole = reference::factors_of(made, options);
    const hsa::LevelEffects effects = hsa::level_effects(whole, target, 3, {});
    CHECK(effects.exact);
    CHECK(effects.rows == 70);
    CHECK(effects.row_kl == Approx(row_kl(target, whole)).epsilon(1e-4));
    for (std::size_t l = 0; l < 3; ++l) {
        options.mask.muted = {made.registry.hierarchy.levels[l].name};
        const hsa::Factors others = reference::factors_of(made, options);
        REQUIRE(effects.without[l]);
        CHECK(*effects.without[l] == Approx(row_kl(target, others)).epsilon(1e-3));
    }
}

TEST_CASE("without its only level there is no attention", "[explain][levels]") {
    const reference::Case made =
        reference::random_case({.tokens = 30, .dimension = 2, .splats = {3}}, 1);
    const hsa::Target target(*made.coordinates.base, 1.0);
    const hsa::LevelEffects effects =
        hsa::level_effects(reference::factors_of(made), target, 1, {});
    CHECK(!effects.without[0]);
    CHECK(std::isfinite(effects.row_kl));
}
