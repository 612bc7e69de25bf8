#include "engine/explain/carry.h"

#include "engine/embed/words.h"
#include "tests/catch.h"

#include <memory>
#include <string>

namespace {

hsa::Dataset words(const std::string& text) {
    return hsa::split_words("text", std::make_shared<const std::string>(text), {});
}

}  // namespace

TEST_CASE("tokens go on to the same words of another version", "[explain][carry]") {
    const hsa::Dataset from = words("the gull saw the owl and the owl saw the sea");
    const hsa::Dataset to = words("the gull saw a red owl and then the owl saw the sea");
    const hsa::Carry carry(from, to, {});
    CHECK(carry.of(1) == 1);    // before the first change
    CHECK(carry.of(4) == 5);    // "owl" before "and", not the other
    CHECK(carry.of(5) == 6);    // "and"
    CHECK(carry.of(7) == 9);    // after the last change
    CHECK(carry.of(10) == 12);  // the last
    CHECK_FALSE(carry.of(11).has_value());
    const hsa::Dataset without = words("the gull saw the sea");
    CHECK_FALSE(hsa::Carry(from, without, {}).of(5).has_value());

    hsa::Selection selection;
    selection.tokens = {{4, 6}, {9, 11}};
    selection.splats = {3};
    selection.block = hsa::Block{{1, 5}, {9, 11}};
    const hsa::Selection carried = carry.of(selection);
    REQUIRE(carried.tokens.size() == 2);
    CHECK(carried.tokens[0] == hsa::Range{5, 7});
    CHECK(carried.tokens[1] == hsa::Range{11, 13});
    CHECK(carried.splats == selection.splats);
    REQUIRE(carried.block.has_value());
    CHECK(carried.block->rows.begin == 1);
    CHECK(carried.block->columns == hsa::Range{11, 13});
    const hsa::Selection gone = hsa::Carry(from, without, {}).of(selection);
    CHECK(gone.tokens.size() == 1);  // "sea"
}

TEST_CASE("a version that is the same carries everything as it is", "[explain][carry]") {
    const hsa::Dataset text = words("one two three two one");
    const hsa::Carry carry(text, text, {});
    for (std::size_t i = 0; i < text.size(); ++i) CHECK(carry.of(i) == i);
    const hsa::Dataset none = words("four");
    const hsa::Carry lost(text, none, {});
    for (std::size_t i = 0; i < text.size(); ++i) CHECK_FALSE(lost.of(i).has_value());
}
