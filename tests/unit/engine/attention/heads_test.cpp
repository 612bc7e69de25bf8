#include "engine/attention/heads.h"

#include "engine/attention/cells.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace {

struct Batch {
    std::vector<reference::Case> cases;
    std::vector<hsa::Factors> factors;
    std::vector<hsa::Matrix<float>> values;

    [[nodiscard]] std::vector<hsa::HeadValues> heads() const {
        std::vector<hsa::HeadValues> some;
        for (std::size_t h = 0; h < factors.size(); ++h)
            some.push_back({factors[h], values[h].view()});
        return some;
    }
    [[nodiscard]] std::vector<hsa::HeadSplats> splats() const {
        std::vector<hsa::HeadSplats> some;
        for (const reference::Case& one : cases) some.push_back({one.registry, one.coordinates});
        return some;
    }
};

// Heads of several lengths, numbers of splats and widths of values.
Batch batch() {
    Batch made;
    const std::vector<reference::Shape> shapes = {
        {.tokens = 40, .dimension = 3, .splats = {5}},
        {.tokens = 2600, .dimension = 4, .splats = {6, 3}, .background = true},
        {.tokens = 1, .dimension = 2, .splats = {3}},
        {.tokens = 1100, .dimension = 5, .splats = {24}, .form = hsa::Form::paired}};
    for (std::size_t h = 0; h < shapes.size(); ++h) {
        made.cases.push_back(reference::random_case(shapes[h], h));
        made.factors.push_back(reference::factors_of(made.cases.back()));
        hsa::Matrix<float> values(made.factors.back().tokens(), h + 2);
        for (std::size_t e = 0; e < values.size(); ++e)
            values.data()[e] = static_cast<float>(hsa::Random{9, h, e}.normal());
        made.values.push_back(std::move(values));
    }
    return made;
}

}  // namespace

TEST_CASE("outputs of many heads in one call are those of each alone", "[attention][heads][laws]") {
    const Batch made = batch();
    const std::vector<hsa::Matrix<float>> together = hsa::attend_heads(made.heads());
    REQUIRE(together.size() == made.factors.size());
    for (std::size_t h = 0; h < together.size(); ++h) {
        INFO("head " << h);
        CHECK(together[h] == hsa::attend(made.factors[h], made.values[h].view()));
    }
    {
        const hsa::ThreadLimit one(1);
        CHECK(hsa::attend_heads(made.heads()) == together);
    }
    CHECK(hsa::attend_heads({}).empty());
}

TEST_CASE("a head whose values have other rows is named", "[attention][heads]") {
    Batch made = batch();
    made.values[2] = hsa::Matrix<float>(7, 2);
    try {
        (void)hsa::attend_heads(made.heads());
        FAIL("it was taken");
    } catch (const hsa::Error& error) {
        CHECK(std::string(error.what()).starts_with("Head 2: the values have 7 rows"));
    }
}

TEST_CASE("factors of many heads in one call are those of each alone", "[attention][heads][laws]") {
    const Batch made = batch();
    const auto backend = reference::cpu();
    const std::vector<hsa::Factors> together =
        hsa::compute_factors(*backend, made.splats(), {}, {});
    REQUIRE(together.size() == made.cases.size());
    for (std::size_t h = 0; h < together.size(); ++h) {
        INFO("head " << h);
        CHECK(reference::widened(together[h].p) == reference::widened(made.factors[h].p));
        CHECK(reference::widened(together[h].k) == reference::widened(made.factors[h].k));
        CHECK(together[h].log_mass == made.factors[h].log_mass);
    }
}

TEST_CASE("gradients of many heads in one call are those of each alone",
          "[attention][heads][laws]") {
    Batch made = batch();
    made.cases.pop_back();  // the gradient of outputs is one of the form token
    made.factors.pop_back();
    made.values.pop_back();
    std::vector<hsa::HeadSlopes> slopes;
    const std::vector<hsa::HeadValues> heads = made.heads();
    for (std::size_t h = 0; h < heads.size(); ++h)
        slopes.push_back({made.cases[h].registry, made.cases[h].coordinates, heads[h].factors,
                          heads[h].values, made.values[h].view()});
    const std::vector<hsa::AttendGradient> together = hsa::attend_gradients(slopes, 1.0, {});
    REQUIRE(together.size() == 3);
    double most = 0.0;
    for (std::size_t h = 0; h < together.size(); ++h) {
        INFO("head " << h);
        const hsa::AttendGradient alone =
            hsa::attend_gradient(made.cases[h].registry, made.cases[h].coordinates, made.factors[h],
                                 1.0, made.values[h].view(), made.values[h].view(), {});
        CHECK(together[h].centre == alone.centre);
        CHECK(together[h].covariance == alone.covariance);
        CHECK(together[h].log_amplitude == alone.log_amplitude);
        CHECK(together[h].coordinates == alone.coordinates);
        CHECK(together[h].values == alone.values);
        for (const double slope : alone.log_amplitude) most = std::max(most, std::abs(slope));
    }
    CHECK(most > 0.0);
}

TEST_CASE("what one of many heads throws names it", "[attention][heads]") {
    const Batch made = batch();
    hsa::FactorOptions muted;
    muted.mask.solo = {"Nowhere"};
    try {
        (void)hsa::compute_factors(*reference::cpu(), made.splats(), muted, {});
        FAIL("it was taken");
    } catch (const hsa::Error& error) {
        CHECK(std::string(error.what()).starts_with("Head "));
    }
}
