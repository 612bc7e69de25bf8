#include "engine/explain/names.h"

#include "engine/explain/function_words.h"
#include "tests/catch.h"
#include "tests/unit/engine/explain/world.h"

#include <set>
#include <sstream>

using explain_test::text_of;

namespace {

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

// Factors whose column c has equal keys on the tokens of [ranges[c]) and nothing elsewhere.
hsa::Factors keys_on(std::size_t n, const std::vector<std::pair<std::size_t, std::size_t>>& ranges,
                     bool background = false) {
    hsa::Factors factors;
    const std::size_t columns = ranges.size() + (background ? 1U : 0U);
    factors.p = hsa::Matrix<float>(n, columns, 1.0F / static_cast<float>(columns));
    factors.k = hsa::Matrix<float>(n, columns);
    for (std::size_t c = 0; c < ranges.size(); ++c) {
        factors.ids.push_back(static_cast<hsa::SplatId>(10 + c));
        factors.level.push_back(0);
        for (std::size_t j = ranges[c].first; j < ranges[c].second; ++j)
            factors.k(j, c) = 1.0F / static_cast<float>(ranges[c].second - ranges[c].first);
    }
    if (background) {
        factors.ids.push_back(hsa::kNoSplat);
        factors.level.push_back(hsa::kBackgroundLevel);
        for (std::size_t j = 0; j < n; ++j)
            factors.k(j, ranges.size()) = 1.0F / static_cast<float>(n);
    }
    return factors;
}

}  // namespace

TEST_CASE("a splat is named by the words it has more of than the text", "[explain][names]") {
    // 17 tokens on the sea, 17 on the engine; "the" and "and" fill both.
    const auto dataset = text_of(
        words_of("The whale and the ship , the whale and the sea . Whale ship 1793 the x "
                 "the valve and the piston , the valve and the boiler . Valve piston 1793 the x"));
    REQUIRE(dataset->size() == 34);
    const auto factors = keys_on(34, {{0, 17}, {17, 34}}, true);
    const auto names = hsa::splat_names(*dataset, factors, 2);
    // whale: K 3/17 against share 3/34: 3/17 ln 2; ship 2/17 ln 2; sea 1/17 ln 2.
    CHECK(names == std::vector<std::string>{"whale ship", "valve piston", "background"});
    CHECK(hsa::splat_names(*dataset, factors, 4) ==
          std::vector<std::string>{"whale ship sea", "valve piston boiler", "background"});
}

TEST_CASE("the score is K ln(K / share), not the count", "[explain][names]") {
    // "salt" is everywhere; "anchor" is rarer but all of it lies here.
    const auto dataset =
        text_of(words_of("salt salt anchor salt salt anchor salt salt salt salt salt salt bread"));
    const auto factors = keys_on(13, {{0, 6}, {6, 13}});
    const auto names = hsa::splat_names(*dataset, factors, 1);
    CHECK(names[0] == "anchor");  // 2/6 ln((2/6)/(2/13)) = .26; salt: (4/6)/(10/13) < 1
    // bread: 1/7 ln((1/7)/(1/13)) = .088; salt: 6/7 ln((6/7)/(10/13)) = .093.
    CHECK(names[1] == "salt");
}

TEST_CASE("no two splats have the same words", "[explain][names]") {
    const auto dataset =
        text_of(words_of("alpha beta gamma delta other words fill the rest of it"));
    SECTION("the later one takes its next best") {
        const auto names = hsa::splat_names(*dataset, keys_on(11, {{0, 4}, {0, 4}, {0, 4}}), 2);
        CHECK(names == std::vector<std::string>{"alpha beta", "alpha gamma", "alpha delta"});
    }
    SECTION("or its id, where no other word is left") {
        const auto names = hsa::splat_names(*dataset, keys_on(11, {{0, 2}, {0, 2}}), 2);
        CHECK(names == std::vector<std::string>{"alpha beta", "alpha beta (11)"});
    }
    SECTION("the same words in another order are the same words") {
        auto factors = keys_on(11, {{0, 2}, {0, 2}});
        factors.k(0, 1) = 0.4F;
        factors.k(1, 1) = 0.6F;
        const auto names = hsa::splat_names(*dataset, factors, 2);
        CHECK(names == std::vector<std::string>{"alpha beta", "beta alpha (11)"});
    }
}

TEST_CASE("letters, numbers, marks and stop words name nothing", "[explain][names]") {
    const auto dataset =
        text_of(words_of("a x 17 3.5 -- … « — don't don’t The WOULD mp3 é 海 été other other"));
    const auto names = hsa::splat_names(*dataset, keys_on(18, {{0, 16}}), 9);
    CHECK(names[0] == "mp3 海 été");
    CHECK(hsa::splat_names(*dataset, keys_on(18, {{0, 12}}), 4)[0] == "splat 10");
}

TEST_CASE("data without words have numbered splats", "[explain][names]") {
    hsa::Dataset dataset;
    const auto factors = keys_on(4, {{0, 2}, {2, 4}}, true);
    CHECK(hsa::splat_names(dataset, factors, 4) ==
          std::vector<std::string>{"splat 10", "splat 11", "background"});
    dataset.types = {0, 1, 2, 3};
    dataset.type_names = {"0", "1", "2", "3"};
    CHECK(hsa::splat_names(dataset, factors, 4)[1] == "splat 11");
}

TEST_CASE("names of many types are those of a plain search", "[explain][names]") {
    // More types than one block of them, and a column over each stretch.
    std::vector<std::string> words;
    for (std::size_t i = 0; i < 2000; ++i)
        words.push_back("w" + std::to_string(i % 700) + (i % 3 == 0 ? "z" : ""));
    const auto dataset = text_of(words);
    const auto factors = keys_on(2000, {{0, 500}, {500, 1500}, {1500, 2000}});
    const auto names = hsa::splat_names(*dataset, factors, 1);
    for (std::size_t c = 0; c < 3; ++c) {
        std::vector<double> mass(dataset->type_names.size(), 0.0);
        std::vector<double> share(mass.size(), 0.0);
        for (std::size_t j = 0; j < 2000; ++j) {
            mass[dataset->types[j]] += static_cast<double>(factors.k(j, c));
            share[dataset->types[j]] += 1.0 / 2000.0;
        }
        double best = 0.0;
        double named = -1.0;
        for (std::size_t t = 0; t < mass.size(); ++t) {
            if (mass[t] <= 0.0) continue;
            const double score = mass[t] * std::log(mass[t] / share[t]);
            best = std::max(best, score);
            if (dataset->type_names[t] == names[c]) named = score;
        }
        CHECK(named == Approx(best).epsilon(1e-9));
    }
}

TEST_CASE("function words are a sorted list", "[explain][names]") {
    for (const char* word : {"the", "of", "and", "it", "a", "your", "would", "t", "don't"})
        CHECK(hsa::is_function_word(word));
    for (const char* word : {"", "whale", "engine", "The", "zebra", "the "})
        CHECK_FALSE(hsa::is_function_word(word));
}

TEST_CASE("pieces name splats by the whole words that they begin", "[explain][names]") {
    // [CLS] ice ##berg , jory [SEP]: the special ones stand for nothing of the text.
    hsa::Dataset dataset;
    dataset.text = std::make_shared<const std::string>("Iceberg, jory");
    dataset.tokens = {{0, 0}, {0, 3}, {3, 7}, {7, 8}, {9, 13}, {13, 13}};
    dataset.piece_ids = {1, 2, 3, 4, 5, 6};
    dataset.types = {0, 1, 2, 3, 4, 5};
    dataset.type_names = {"[CLS]", "ice", "##berg", ",", "jory", "[SEP]"};
    const auto names = hsa::splat_names(dataset, keys_on(6, {{1, 4}, {4, 5}, {2, 3}, {0, 1}}), 2);
    CHECK(names[0] == "iceberg");
    CHECK(names[1] == "jory");
    CHECK(names[2] == "splat 12");  // it only goes on in a word
    CHECK(names[3] == "[CLS]");
}
