#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/fit/heads.h"
#include "engine/io/splats_json.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"
#include "tests/unit/engine/fit/heads.h"

#include <string>
#include <vector>

namespace {

struct Heads {
    std::vector<TestHead> owned;

    [[nodiscard]] std::vector<hsa::Head> views() const {
        std::vector<hsa::Head> some;
        for (const TestHead& head : owned) some.push_back(head.view());
        return some;
    }
};

Heads three_heads() {
    return {{clustered_head(90, 4, 3, 2.0, 1), clustered_head(140, 6, 4, 1.0, 2),
             clustered_head(30, 3, 2, 3.0, 3)}};
}

// Every number of the splats, to the last digit.
std::string text_of(const hsa::Fit& fit) { return hsa::write_splats_json(fit.registry); }

hsa::FitOptions few_steps() {
    hsa::FitOptions options;
    options.start.splats = 4;
    options.steps = 12;
    return options;
}

}  // namespace

TEST_CASE("fits of many heads in one call are those of each alone", "[fit][heads][laws]") {
    const Heads heads = three_heads();
    const std::vector<hsa::Head> views = heads.views();
    const auto backend = reference::cpu();
    const std::vector<hsa::Fit> together = hsa::fit_heads(*backend, views, few_steps(), {});
    REQUIRE(together.size() == 3);
    for (std::size_t h = 0; h < together.size(); ++h) {
        INFO("head " << h);
        const hsa::Fit alone = hsa::fit(*backend, views[h], few_steps(), {});
        CHECK(text_of(together[h]) == text_of(alone));
        CHECK(together[h].report.reached.loss.kl == alone.report.reached.loss.kl);
        CHECK(together[h].report.stop_loss == alone.report.stop_loss);
    }
    CHECK(text_of(together[0]) != text_of(together[1]));
    const hsa::ThreadLimit one(1);
    CHECK(text_of(hsa::fit_heads(*backend, views, few_steps(), {})[1]) == text_of(together[1]));
    CHECK(hsa::fit_heads(*backend, {}, few_steps(), {}).empty());
}

TEST_CASE("fit gradients of many heads in one call are those of each alone", "[fit][heads][laws]") {
    const Heads heads = three_heads();
    const std::vector<hsa::Head> views = heads.views();
    const auto backend = reference::cpu();
    const std::vector<hsa::Fit> fits = hsa::fit_heads(*backend, views, few_steps(), {});
    std::vector<hsa::ExactRows> exact;
    exact.reserve(views.size());
    for (const hsa::Head& head : views)
        exact.push_back(hsa::exact_rows(head, hsa::fit_rows(head.tokens(), false, 1).free));
    std::vector<hsa::HeadAtRows> at;
    at.reserve(views.size());
    for (std::size_t h = 0; h < views.size(); ++h)
        at.push_back({fits[h].registry, views[h], exact[h]});
    const std::vector<hsa::FitGradient> together = hsa::fit_gradients(*backend, at, 1.0, {});
    REQUIRE(together.size() == 3);
    for (std::size_t h = 0; h < together.size(); ++h) {
        INFO("head " << h);
        const hsa::FitGradient alone =
            hsa::fit_gradient(*backend, fits[h].registry, views[h], exact[h], 1.0, {});
        CHECK(together[h].loss.kl == alone.loss.kl);
        CHECK(together[h].log_weight == alone.log_weight);
        CHECK(together[h].log_beta == alone.log_beta);
        CHECK(alone.loss.kl > 0.0);
    }
}

TEST_CASE("a head without tokens is named among many", "[fit][heads]") {
    Heads heads = three_heads();
    heads.owned[1] = clustered_head(0, 4, 1, 1.0, 4);
    const std::vector<hsa::Head> views = heads.views();
    try {
        (void)hsa::fit_heads(*reference::cpu(), views, few_steps(), {});
        FAIL("it was taken");
    } catch (const hsa::Error& error) {
        CHECK(std::string(error.what()).starts_with("Head 1: "));
    }
}
