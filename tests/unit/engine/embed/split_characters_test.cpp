#include "engine/embed/split_characters.h"

#include "engine/core/error.h"
#include "engine/io/text.h"
#include "tests/catch.h"

#include <string>
#include <vector>

using hsa::Dataset;

namespace {

std::shared_ptr<const std::string> shared(const std::string& text) {
    return std::make_shared<const std::string>(text);
}

std::vector<std::string> tokens_of(const Dataset& dataset) {
    std::vector<std::string> found;
    for (std::size_t i = 0; i < dataset.size(); ++i) found.push_back(dataset.token_text(i));
    return found;
}

}  // namespace

TEST_CASE("a character is what a person counts", "[embed][tokens]") {
    const Dataset dataset =
        hsa::split_characters("t.txt", shared("e\u0301a\r\n\U0001f468\u200d\U0001f469 한\t"), {});
    CHECK(tokens_of(dataset) == std::vector<std::string>{"e\u0301", "a", "\r\n",
                                                         "\U0001f468\u200d\U0001f469", " ", "한",
                                                         "\t"});
    CHECK(dataset.type_names == std::vector<std::string>{"e\u0301", "a", "<newline>",
                                                         "\U0001f468\u200d\U0001f469", "<space>",
                                                         "한", "<tab>"});
    CHECK(dataset.understood.starts_with("7 characters of 7 kinds"));
    CHECK(dataset.structure.sentence.size() == 7);
    CHECK_THROWS_AS(hsa::split_characters("t.txt", shared(""), {}), hsa::Error);
}

TEST_CASE("a byte inside a character is shown by its number", "[embed][tokens]") {
    const std::string text = "aä 船\n";
    const Dataset dataset = hsa::split_bytes("t.txt", shared(text), {});
    REQUIRE(dataset.size() == text.size());
    CHECK(tokens_of(dataset) == std::vector<std::string>{"a", "<0xC3>", "<0xA4>", " ", "<0xE8>",
                                                         "<0x88>", "<0xB9>", "\n"});
    CHECK(dataset.tokens[1] == hsa::Span{1, 3});
    CHECK(dataset.tokens[2] == hsa::Span{1, 3});
    CHECK(dataset.tokens[5] == hsa::Span{4, 7});
    for (std::size_t i = 0; i < dataset.size(); ++i) {
        CHECK_FALSE(hsa::first_invalid_utf8(dataset.token_text(i)));
        CHECK_FALSE(hsa::first_invalid_utf8(dataset.context(i, 2)));
        CHECK(dataset.type_names[dataset.types[i]].size() > 0);
    }
    CHECK_THROWS_AS(hsa::split_bytes("t.txt", shared(""), {}), hsa::Error);
}

TEST_CASE("the same text in other tokens is other data", "[embed][tokens]") {
    const auto text = shared("one and two");
    CHECK(hsa::split_bytes("t", text, {}).hash != hsa::split_characters("t", text, {}).hash);
}
