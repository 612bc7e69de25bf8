#include "tests/unit/engine/embed/embed_test.h"

#include <string>
#include <vector>

using embed_test::words_of;

namespace {

std::vector<std::string> titles(const std::string& text) {
    std::vector<std::string> found;
    for (const hsa::Section& section : words_of(text).structure.sections)
        found.push_back(section.title);
    return found;
}

// Whether a line between two paragraphs begins a section.
bool is_heading(const std::string& line) {
    return titles("Before it all.\n\n" + line + "\n\nAfter it all.\n") ==
           std::vector<std::string>{"", line};
}

}  // namespace

TEST_CASE("a number at the start of a short line of its own makes a section", "[embed][words]") {
    for (const char* line : {"1.2 Results",      "1 Introduction",
                             "2. Methods",       "3) Data and code",
                             "4.1.2 On ships",   "Chapter 3",
                             "Chapter 3.",       "CHAPTER IV",
                             "Chapter Two",      "Chapter 7: The storm",
                             "Part II – At sea", "Appendix A",
                             "Kapitel 5",        "Глава 2",
                             "Capítulo 1",       "IV. The harbour",
                             "XIX. Home",        "第三章",
                             "第12节 海上",      "2 航海",
                             "10. Ändern"}) {
        INFO(line);
        CHECK(is_heading(line));
    }
}

TEST_CASE("items of a list, sentences and names make no section", "[embed][words]") {
    for (const char* line : {"1. We leave at dawn.",
                             "3.5 million people live here",
                             "2024 Elections",
                             "12",
                             "1.2",
                             "V. Woolf",
                             "C. Darwin",
                             "D. Hume",
                             "MIX. Something",
                             "IIII. Four",
                             "Chapter 3 of the book was lost",
                             "Part of the ship",
                             "Chapter",
                             "chapter 3 of it",
                             "Part I liked it",
                             "Act now",
                             "第三章讲了很多事情。",
                             "1.",
                             "7 of them",
                             "1. apples and pears",
                             "Unit tests",
                             "Section 4 says that, among others,"}) {
        INFO(line);
        CHECK_FALSE(is_heading(line));
    }
    CHECK(titles("List:\n\n1. Apples\n\n2. Pears\n\n3. Plums\n\nEnd.\n") ==
          std::vector<std::string>{""});
    CHECK(titles("List:\n1. Apples\n2. Pears\n3. Plums\n") == std::vector<std::string>{""});
    // Not on a line of its own.
    CHECK(titles("So it was\n1.2 Results\nand so on.\n") == std::vector<std::string>{""});
    CHECK(titles("Before.\n\n1.2 " + std::string(90, 'R') + "\n\nAfter.\n") ==
          std::vector<std::string>{""});
}

TEST_CASE("numbered headings count on over the text between them", "[embed][words]") {
    CHECK(titles("1. Intro\n\nText.\n\n1.1 Aims\n\nText.\n\n1.2 Means\n\nText.\n\n2. Methods\n\n"
                 "Text.\n") ==
          std::vector<std::string>{"1. Intro", "1.1 Aims", "1.2 Means", "2. Methods"});
    // A heading over its first part has no text of its own.
    CHECK(titles("1. Intro\n\n1.1 Aims\n\nText.\n") ==
          std::vector<std::string>{"1. Intro", "1.1 Aims"});
    // One letter is a number where another counts on from it.
    CHECK(titles("I. Leaving\n\nText.\n\nII. Arriving\n\nText.\n") ==
          std::vector<std::string>{"I. Leaving", "II. Arriving"});
    CHECK(titles("1.2 Results\r\n\r\nText.\r\n") == std::vector<std::string>{"1.2 Results"});
}
