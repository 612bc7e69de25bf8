#include "engine/embed/words.h"

#include "engine/core/error.h"
#include "tests/unit/engine/embed/embed_test.h"

#include <vector>

using embed_test::words_of;
using hsa::Dataset;

namespace {

std::vector<std::string> tokens_of(const Dataset& dataset) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < dataset.size(); ++i) words.push_back(dataset.token_text(i));
    return words;
}

std::vector<std::string> names_of_sections(const Dataset& dataset) {
    std::vector<std::string> titles;
    for (const hsa::Section& section : dataset.structure.sections) titles.push_back(section.title);
    return titles;
}

}  // namespace

TEST_CASE("words and punctuation are tokens, blanks are not", "[embed][words]") {
    const Dataset dataset = words_of("It's  a well-known ship, isn't it?\n");
    CHECK(tokens_of(dataset) == std::vector<std::string>{"It's", "a", "well", "-", "known", "ship",
                                                         ",", "isn't", "it", "?"});
    CHECK(dataset.ordered);
    CHECK(dataset.embeddings.rows.empty());
}

TEST_CASE("spans are the bytes of the text, whatever the script", "[embed][words]") {
    const std::string text = "naïve Straße — 船が進む\r\n\tκύμα 🚢 end";
    const Dataset dataset = words_of(text);
    std::size_t last = 0;
    std::string kept;
    for (std::size_t i = 0; i < dataset.size(); ++i) {
        const hsa::Span span = dataset.tokens[i];
        CHECK(span.begin >= last);
        CHECK(span.end > span.begin);
        // Only white space lies between tokens.
        CHECK(text.substr(last, span.begin - last).find_first_not_of(" \r\n\t") ==
              std::string::npos);
        last = span.end;
    }
    CHECK(last == text.size());
    CHECK(dataset.token_text(0) == "naïve");
    CHECK(dataset.token_text(1) == "Straße");
    CHECK(dataset.token_text(2) == "—");
    CHECK(dataset.token_text(dataset.size() - 2) == "🚢");
}

TEST_CASE("white space of any kind is no token", "[embed][words]") {
    const Dataset dataset = words_of(
        "a\xc2\xa0\xe2\x80\xa8\xe3\x80\x80\xef\xbb\xbf"
        "b");
    CHECK(tokens_of(dataset) == std::vector<std::string>{"a", "b"});
    CHECK_THROWS_AS(words_of(" \n\t "), hsa::Error);
    CHECK_THROWS_AS(words_of(""), hsa::Error);
}

TEST_CASE("types fold case and are named in lower case", "[embed][words]") {
    const Dataset dataset = words_of("The ship, the SHIP and STRASSE or Straße");
    CHECK(dataset.types[0] == dataset.types[3]);
    CHECK(dataset.types[1] == dataset.types[4]);
    CHECK(dataset.type_names[dataset.types[0]] == "the");
    CHECK(dataset.types[6] == dataset.types[8]);
    CHECK(dataset.type_names.size() == 6);  // the ship , and strasse or
    for (const std::uint32_t type : dataset.types) CHECK(type < dataset.type_names.size());
}

TEST_CASE("sentences, paragraphs and sections are numbered from 0", "[embed][words]") {
    const Dataset dataset = words_of(
        "Before all.\n\n# First\nOne line\ngoes on. Two!\n\nThree.\n\nSECOND PART\n\nFour.\n\n"
        "Third\n=====\nFive.\n");
    const hsa::Structure& structure = dataset.structure;
    CHECK(names_of_sections(dataset) ==
          std::vector<std::string>{"", "First", "SECOND PART", "Third"});
    CHECK(structure.sections.front().tokens.begin == 0);
    CHECK(structure.sections.back().tokens.end == dataset.size());
    for (std::size_t s = 1; s < structure.sections.size(); ++s)
        CHECK(structure.sections[s].tokens.begin == structure.sections[s - 1].tokens.end);
    for (std::size_t i = 1; i < dataset.size(); ++i) {
        CHECK(structure.sentence[i] - structure.sentence[i - 1] <= 1);
        CHECK(structure.paragraph[i] - structure.paragraph[i - 1] <= 1);
        CHECK(structure.sections[structure.section[i]].tokens.contains(i));
    }
    // A sentence runs on over a line end, and ends at a full stop inside a line.
    const auto at = [&](const std::string& word) {
        for (std::size_t i = 0; i < dataset.size(); ++i)
            if (dataset.token_text(i) == word) return i;
        return dataset.size();
    };
    CHECK(structure.sentence[at("One")] == structure.sentence[at("goes")]);
    CHECK(structure.sentence[at("Two")] == structure.sentence[at("goes")] + 1);
    CHECK(structure.paragraph[at("Two")] == structure.paragraph[at("One")]);
    CHECK(structure.paragraph[at("Three")] == structure.paragraph[at("Two")] + 1);
    CHECK(structure.section[at("SECOND")] == structure.section[at("Four")]);
}

TEST_CASE("a dash or a number alone makes no section", "[embed][words]") {
    CHECK(names_of_sections(words_of("one\n\n---\n\n42\n\ntwo\n")) == std::vector<std::string>{""});
    CHECK(names_of_sections(words_of("#hashtag is no heading\n")) == std::vector<std::string>{""});
}

TEST_CASE("windows line ends divide as others do", "[embed][words]") {
    const Dataset unix = words_of("# A\n\nOne.\n\nTwo.\n");
    const Dataset windows = words_of("# A\r\n\r\nOne.\r\n\r\nTwo.\r\n");
    CHECK(unix.structure.paragraph == windows.structure.paragraph);
    CHECK(unix.structure.sentence == windows.structure.sentence);
    CHECK(names_of_sections(windows) == std::vector<std::string>{"A"});
}

TEST_CASE("one long line is legal", "[embed][words]") {
    std::string line;
    while (line.size() < 1'000'000) line += "sea and sky ";
    const Dataset dataset = words_of(line);
    CHECK(dataset.size() == 3 * (line.size() / 12));
    CHECK(dataset.type_names.size() == 3);
}

TEST_CASE("what was understood of a text parts the thousands of its counts", "[embed][words]") {
    std::string text;
    for (int line = 0; line < 1200; ++line) text += "Terns sleep.\n\n";
    CHECK(words_of(text).understood ==
          "3,600 tokens of 3 kinds, 1,200 sentences, 1,200 paragraphs, 1 sections");
    const Dataset lines =
        hsa::split_lines("words.txt", std::make_shared<const std::string>(text), hsa::Work{});
    CHECK(lines.understood == "1,200 tokens, one a line, 1,200 empty lines skipped");
}

TEST_CASE("one token a line keeps lines and counts the empty ones", "[embed][words]") {
    const auto text = std::make_shared<const std::string>("New York\n\nsea\r\nSea\n");
    const Dataset dataset = hsa::split_lines("words.txt", text, hsa::Work{});
    CHECK(tokens_of(dataset) == std::vector<std::string>{"New York", "sea", "Sea"});
    CHECK(dataset.types == std::vector<std::uint32_t>{0, 1, 1});
    CHECK(dataset.understood.find("1 empty line") != std::string::npos);
    CHECK(dataset.structure.sections.size() == 1);
    CHECK_THROWS_AS(
        hsa::split_lines("empty.txt", std::make_shared<const std::string>("\n \n"), hsa::Work{}),
        hsa::Error);
}

TEST_CASE("words join vectors when the counts agree", "[embed][words]") {
    const Dataset words = words_of("one two three");
    const Dataset rows = embed_test::vectors(embed_test::clusters(3, 4, 2, 1));
    const Dataset joined = hsa::join(words, rows);
    CHECK(joined.size() == 3);
    CHECK(joined.token_text(1) == "two");
    CHECK(joined.ordered);
    CHECK(joined.embeddings.rows.data == rows.embeddings.rows.data);
    CHECK(joined.hash != words.hash);
    const Dataset more = embed_test::vectors(embed_test::clusters(5, 4, 2, 1));
    try {
        (void)hsa::join(words, more);
        FAIL("five rows were given to three words");
    } catch (const hsa::Error& error) {
        const std::string said = error.what();
        CHECK(said.find('3') != std::string::npos);
        CHECK(said.find('5') != std::string::npos);
    }
}

TEST_CASE("the voyage sample divides as its sections file says", "[embed][words]") {
    const Dataset dataset = words_of(embed_test::sample("voyage.txt"));
    CHECK(dataset.size() > 5000);
    CHECK(names_of_sections(dataset).size() == 4);
    CHECK(names_of_sections(dataset).front() == "THE CAPTAIN'S LOG");
}
