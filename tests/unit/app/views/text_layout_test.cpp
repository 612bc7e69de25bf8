#include "app/views/text_layout.h"

#include "engine/embed/words.h"
#include "tests/catch.h"
#include "tests/unit/app/recording_canvas.h"

#include <memory>
#include <string>
#include <vector>

using namespace splatscope;

namespace {

constexpr float kSize = 10.0F;  // every letter is 5 wide on the recording canvas

TextFonts fonts() {
    TextFonts made;
    made.body = {{}, Font::text, kSize};
    made.heading = {{}, Font::bold, kSize};
    made.body_widths.set(made.body);
    made.heading_widths.set(made.heading);
    return made;
}

std::shared_ptr<const hsa::Dataset> words(const std::string& text) {
    return std::make_shared<const hsa::Dataset>(
        hsa::split_words("t.txt", std::make_shared<const std::string>(text), {}));
}

std::vector<std::string> lines_of(const std::string& text, float width,
                                  std::size_t piece = 1U << 20U) {
    const auto dataset = words(text);
    TextLayout layout(dataset, width);
    RecordingCanvas canvas(500, 500);
    TextFonts used = fonts();
    int rounds = 0;
    while (!layout.complete() && ++rounds < 100000) layout.advance(canvas, used, piece);
    std::vector<std::string> lines;
    for (const TextLine& line : layout.lines())
        lines.push_back(dataset->text->substr(line.begin, line.end - line.begin));
    return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("Lines break at blanks and never exceed the width", "[text]") {
    CHECK(lines_of("one two three four", 50.0F) == Lines{"one two", "three four"});
    CHECK(lines_of("one two three four", 49.0F) == Lines{"one two", "three", "four"});
    CHECK(lines_of("one\ntwo   three\tfour", 1000.0F) == Lines{"one\ntwo   three\tfour"});
}

TEST_CASE("Tables, lists, quotations, code and verse keep their lines", "[text]") {
    CHECK(lines_of("| a | b |\n|---|---|\n| c | d |", 1000.0F) ==
          Lines{"| a | b |", "|---|---|", "| c | d |"});
    CHECK(lines_of("We need:\n* a lamp,\n  lit\n12. oil", 1000.0F) ==
          Lines{"We need:", "* a lamp,\n  lit", "12. oil"});
    CHECK(lines_of("```\na b\nc d\n```\nthen on", 1000.0F) ==
          Lines{"```", "a b", "c d", "```", "then on"});
    CHECK(lines_of("by hand  \nor not\nso", 1000.0F).front() == "by hand");
    const std::string verse =
        "The sea is calm tonight.\nThe tide is full, the moon lies fair\n"
        "Upon the straits; on the French coast the light\nGleams and is gone";
    CHECK(lines_of(verse, 1000.0F).size() == 4);
    // Of two lines the text around shows how wide it was wrapped.
    const std::string prose = "The harbour is quiet in the morning, and the boats lie still.\n";
    CHECK(lines_of("The fog comes\non little cat feet.\n\n" + prose, 1000.0F) ==
          Lines{"The fog comes", "on little cat feet.", "",
                "The harbour is quiet in the morning, and the boats lie still."});
    CHECK(lines_of("Rose-cheeked Laura, come,\nSing thou smoothly\n\n" + prose, 1000.0F).size() ==
          4);
    CHECK(lines_of(prose + "Nobody is up.\n", 1000.0F).size() == 1);
    CHECK(lines_of("We lay in the harbour until noon,\nand left.", 1000.0F).size() == 1);
    // What is never wrapped shows no width.
    for (const char* never : {"| a row of a table | that is as long as it is |",
                              "    code that was indented is as long as it is",
                              "https://example.org/as/long/as/an/address/is/without/a/blank",
                              "# A heading that is longer than lines of the text"})
        CHECK(lines_of(std::string("We lay in the harbour until noon,\nand left.\n\n") + never,
                       1000.0F)
                  .front() == "We lay in the harbour until noon,\nand left.");
    // Lines of prose were wrapped where the next word had no room: they flow.
    CHECK(lines_of("The tide is full and the moon\nlies fair upon the straits and\nthe light is",
                   1000.0F)
              .size() == 1);
    CHECK(lines_of("1931 was a year\n- and so on", 1000.0F).size() == 2);
    CHECK(lines_of("-5 degrees and\n-6 degrees are no items of any list, 12.5 is none", 1000.0F)
              .size() == 1);
}

TEST_CASE("An indented block keeps its second line, too", "[text]") {
    CHECK(lines_of("Intro:\n\n    a = 1\n    b = 2\n    c = 3\n", 1000.0F) ==
          Lines{"Intro:", "", "a = 1", "b = 2", "c = 3"});
    CHECK(lines_of("\ta = 1\n\tb = 2", 1000.0F) == Lines{"a = 1", "b = 2"});
}

TEST_CASE("A code fence goes on over empty lines and ends where it is closed", "[text]") {
    CHECK(lines_of("```\na\n\nb c\nd e\n```\nprose that was\nwrapped here", 1000.0F) ==
          Lines{"```", "a", "", "b c", "d e", "```", "prose that was\nwrapped here"});
    // Each mark a paragraph of its own.
    CHECK(lines_of("```cpp\n\nb c\nd e\n\n```\n\nprose that was\nwrapped here", 1000.0F) ==
          Lines{"```cpp", "", "b c", "d e", "", "```", "", "prose that was\nwrapped here"});
    // Three backticks do not end what four began; code in one line begins nothing.
    CHECK(lines_of("````\n```\n\nb c\nd e\n````\n\nprose that was\nwrapped here", 1000.0F).back() ==
          "prose that was\nwrapped here");
    CHECK(lines_of("````\n```\n\nb c\nd e", 1000.0F) == Lines{"````", "```", "", "b c", "d e"});
    CHECK(lines_of("```one``` line\n\nprose that was\nwrapped here", 1000.0F).back() ==
          "prose that was\nwrapped here");
}

TEST_CASE("A fence in a paragraph built in pieces ends once", "[text]") {
    std::string text;
    for (int block = 0; block < 3; ++block) {
        text += "```\n";
        for (int line = 0; line < 40; ++line)
            text += "    call of line " + std::to_string(line) + " to some length\n";
        text += "```\n";
        for (int line = 0; line < 40; ++line)
            text += "prose that somebody wrapped at a width of about seventy letters and more\n";
    }
    const Lines whole = lines_of(text, 250.0F);
    // 42 lines of every block are kept; the prose behind it fills lines of at most 50 letters.
    CHECK(whole.size() > 3 * (42 + 40));
    for (const std::size_t piece : {300U, 1000U, 4000U})
        CHECK(lines_of(text, 250.0F, piece) == whole);
}

TEST_CASE("A word wider than the line is cut", "[text]") {
    CHECK(lines_of("abcdefgh ij", 20.0F) == Lines{"abcd", "efgh", "ij"});
}

TEST_CASE("Paragraphs are parted by an empty line, headings stand alone", "[text]") {
    CHECK(lines_of("# Title\n\none two\n\nthree", 1000.0F) ==
          Lines{"# Title", "", "one two", "", "three"});
}

TEST_CASE("Ideographs break without blanks, letters of several bytes are never cut", "[text]") {
    const std::string text = "\xe6\xb5\xb7\xe6\xb5\xb7\xe6\xb5\xb7 caf\xc3\xa9";
    CHECK(lines_of(text, 10.0F) ==
          Lines{"\xe6\xb5\xb7\xe6\xb5\xb7", "\xe6\xb5\xb7", "ca", "f\xc3\xa9"});
}

TEST_CASE("Built in pieces the lines are the same as built at once", "[text]") {
    std::string text;
    for (int p = 0; p < 12; ++p) {
        for (int w = 0; w < 90; ++w)
            text += "word" + std::to_string(w * p % 101) + (w % 7 == 6 ? ", " : " ");
        text += "\n\n";
    }
    const Lines whole = lines_of(text, 130.0F);
    CHECK(whole.size() > 150);
    for (const std::size_t piece : {50U, 333U, 1000U, 4000U})
        CHECK(lines_of(text, 130.0F, piece) == whole);
}

TEST_CASE("Tokens and lines find one another", "[text]") {
    const auto dataset = words("# Head\n\none two three four five six seven\n\neight nine");
    TextLayout layout(dataset, 55.0F);
    RecordingCanvas canvas(500, 500);
    TextFonts used = fonts();
    layout.advance(canvas, used, 1U << 20U);
    REQUIRE(layout.complete());
    for (std::size_t t = 0; t < dataset->tokens.size(); ++t) {
        const std::size_t line = layout.line_of(t);
        CHECK(layout.lines()[line].begin <= dataset->tokens[t].begin);
        CHECK(layout.lines()[line].end >= dataset->tokens[t].end);
        CHECK(layout.first_token(line) <= t);
        CHECK(layout.reaches(t));
    }
}

TEST_CASE("A long line without blanks is built in bounded pieces", "[text]") {
    const auto dataset = words(std::string(300000, 'x'));
    TextLayout layout(dataset, 200.0F);
    RecordingCanvas canvas(500, 500);
    TextFonts used = fonts();
    std::size_t last = 0;
    int rounds = 0;
    while (!layout.complete()) {
        layout.advance(canvas, used, 10000);
        REQUIRE(layout.lines().size() > last);
        CHECK(layout.lines().size() - last < 400);  // 10,000 letters are 250 lines
        last = layout.lines().size();
        REQUIRE(++rounds < 100);
    }
    CHECK(rounds > 20);
    CHECK(layout.lines().size() == 7500);
}
