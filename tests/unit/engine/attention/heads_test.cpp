#include "engine/attention/heads.h"

#include "engine/attention/cells.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <string>
#include <vector>

namespace {

struct Batch {
    std::vector<hsa::Factors> factors;
    std::vector<hsa::Matrix<float>> values;

    [[nodiscard]] std::vector<hsa::HeadValues> heads() const {
        std::vector<hsa::HeadValues> some;
        for (std::size_t h = 0; h < factors.size(); ++h)
            some.push_back({factors[h], values[h].view()});
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
        made.factors.push_back(reference::factors_of(reference::random_case(shapes[h], h)));
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
