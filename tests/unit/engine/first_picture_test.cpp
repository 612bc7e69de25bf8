#include "engine/first_picture.h"

#include "engine/core/random.h"
#include "tests/catch.h"

#include <memory>
#include <string>
#include <vector>

using namespace hsa;

namespace {

constexpr std::size_t kTokens = 131072;

// Sequences of 32 whose second half is padding, far from all else: of 4,096 rows spread evenly over
// all tokens every one is padding.
Coordinates padded_sequences() {
    auto rows = std::make_shared<Matrix<float>>(kTokens, 3);
    Coordinates coordinates;
    for (std::size_t i = 0; i < kTokens; ++i) {
        const bool padding = i % 32 >= 16;
        if (padding) coordinates.masked.push_back(static_cast<std::uint32_t>(i));
        for (std::size_t a = 0; a < 3; ++a)
            (*rows)(i, a) = padding ? 100.0F
                                    : static_cast<float>(3.0 * Random{5, i / 32 % 7, a}.normal() +
                                                         0.4 * Random{6, i, a}.normal());
    }
    coordinates.base = rows;
    coordinates.levels = {rows, rows};
    coordinates.token_weight.assign(kTokens, 1.0F);
    return coordinates;
}

}  // namespace

TEST_CASE("a sketch lies on tokens that are seen, under ids of its own", "[evaluate]") {
    std::vector<std::string> notes;
    const auto backend = make_backend("cpu", notes);
    InitSettings init;
    init.counts = {8, 4};
    const auto sketch = sketch_splats(*backend, {}, padded_sequences(), init, {}, {});
    REQUIRE(sketch->size() == 12);
    check_invariants(*sketch);
    for (std::size_t s = 0; s < sketch->size(); ++s) {
        CHECK(sketch->id[s] == kSketchIds + s);
        CHECK(sketch->gaussians.centre(s, 0) < 50.0F);
        if (sketch->level[s] == 0) CHECK(sketch->find(sketch->parent[s]).has_value());
    }
}
