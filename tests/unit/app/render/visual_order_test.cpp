#include "app/render/visual_order.h"

#include "tests/catch.h"

#include <unicode/ubidi.h>
#include <unicode/unistr.h>
#include <unicode/ushape.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace splatscope;

namespace {

// What ICU writes for a whole line, by its other way: shaped as a whole, then written reordered.
std::string by_icu(const std::string& text) {
    const icu::UnicodeString source = icu::UnicodeString::fromUTF8(text);
    UErrorCode status = U_ZERO_ERROR;
    std::u16string shaped(static_cast<std::size_t>(source.length()) * 2 + 8, u' ');
    const std::int32_t length = u_shapeArabic(
        source.getBuffer(), source.length(), shaped.data(),
        static_cast<std::int32_t>(shaped.size()),
        U_SHAPE_LETTERS_SHAPE | U_SHAPE_LENGTH_GROW_SHRINK | U_SHAPE_TEXT_DIRECTION_LOGICAL,
        &status);
    UBiDi* bidi = ubidi_open();
    ubidi_setPara(bidi, shaped.data(), length, UBIDI_DEFAULT_LTR, nullptr, &status);
    std::u16string written(static_cast<std::size_t>(length) + 8, u' ');
    const std::int32_t end =
        ubidi_writeReordered(bidi, written.data(), static_cast<std::int32_t>(written.size()),
                             UBIDI_DO_MIRRORING | UBIDI_REMOVE_BIDI_CONTROLS, &status);
    ubidi_close(bidi);
    REQUIRE(U_SUCCESS(status));
    std::string out;
    icu::UnicodeString(written.data(), end).toUTF8String(out);
    return out;
}

}  // namespace

TEST_CASE("Text of scripts that run left to right is drawn as it is written", "[text]") {
    for (const char* text : {"", "plain words, 12 (of them)", "Größe café ñ", "Ελληνικά", "Привет",
                             "海と空。", "हिन्दी", "→ ≥ “quoted” …", "🙂 emoji", "՛Հայերեն"}) {
        INFO(text);
        CHECK_FALSE(may_run_right_to_left(text));
        CHECK(visual_words(text) == text);
    }
}

TEST_CASE("Every letter that may run right to left is noticed", "[text]") {
    for (UChar32 c = 0; c < 0x110000; ++c) {
        if (c >= 0xd800 && c < 0xe000) continue;
        const UCharDirection way = u_charDirection(c);
        if (way != U_RIGHT_TO_LEFT && way != U_RIGHT_TO_LEFT_ARABIC && way != U_ARABIC_NUMBER &&
            way != U_RIGHT_TO_LEFT_EMBEDDING && way != U_RIGHT_TO_LEFT_OVERRIDE &&
            way != U_RIGHT_TO_LEFT_ISOLATE)
            continue;
        if (u_charType(c) == U_UNASSIGNED) continue;
        std::string text;
        append_letter(text, static_cast<char32_t>(c));
        if (!may_run_right_to_left("a" + text)) {
            INFO(static_cast<std::uint32_t>(c));
            CHECK(may_run_right_to_left("a" + text));
        }
    }
}

TEST_CASE("Mixed lines stand in the order that ICU writes", "[text]") {
    for (const char* text :
         {"שלום", "שלום (world) 12", "abc שלום, עולם def", "מחיר 350-400 דינר (בערך) A1",
          "12 שלום 3.5", "\"אב\" [גד] <הו>", "سلام", "قال: لا بأس (اليوم) 14", "كتاب English كتاب",
          "ثمن ٣٥٠ دينار", "الأمل إلى الآن لا", "می روم گفتگو", "mixed سلام and שלום end",
          "\u202bנסה\u202c x", "a\u200fb ב", "ב.", "(ב)"}) {
        INFO(text);
        CHECK(visual_words(text) == by_icu(text));
    }
    CHECK(visual_words("שלום (a)") == "(a) םולש");
}

TEST_CASE("The first strong letter gives the direction", "[text]") {
    CHECK(starts_right_to_left("12 (שלום) world"));
    CHECK_FALSE(starts_right_to_left("12 (a) שלום"));
    CHECK_FALSE(starts_right_to_left("12 ..."));
    CHECK(starts_right_to_left(std::string(10000, ' ') + "س"));
}

TEST_CASE("Every byte of a text belongs to one letter", "[text]") {
    const std::string text = "A لا بأس סֵפֶר \u200f١٢";
    std::vector<int> owners(text.size(), 0);
    for (const VisualLetter& letter : visual_letters(text))
        for (std::uint32_t b = letter.begin; b < letter.end; ++b) ++owners[b];
    const std::size_t steering = text.find("\u200f");
    for (std::size_t b = 0; b < text.size(); ++b) {
        INFO(b);
        CHECK(owners[b] == (b >= steering && b < steering + 3 ? 0 : 1));
    }
}

TEST_CASE("Lam and alef are one letter, joined or not", "[text]") {
    const std::vector<VisualLetter> peace = shaped_letters("سلام");
    REQUIRE(peace.size() == 3);
    CHECK(peace[0] == VisualLetter{0xfeb3, 0, 2});
    CHECK(peace[1] == VisualLetter{0xfefc, 2, 6});
    CHECK(peace[2] == VisualLetter{0xfee1, 6, 8});
    CHECK(shaped_letters("لا").front().letter == 0xfefb);
    CHECK(shaped_letters("لَا").size() == 2);  // with its mark
}

TEST_CASE("Marks are drawn over their letter from the side that fonts place them", "[text]") {
    const std::vector<VisualLetter> word = visual_letters("בָּא");
    REQUIRE(word.size() == 4);
    CHECK(word[0].letter == U'א');
    CHECK(word[3].letter == U'ב');  // its marks before it
    const std::vector<VisualLetter> other = visual_letters("ב\u0301א");
    REQUIRE(other.size() == 3);
    CHECK(other[1].letter == U'ב');
    CHECK(other[2].letter == 0x301);
}

TEST_CASE("A forced direction reverses anything", "[text]") {
    CHECK(visual_words("ab(1", Direction::right_to_left) == "1)ba");
    CHECK(visual_words("שלום", Direction::left_to_right) == "שלום");
}

TEST_CASE("Lines of a paragraph are ordered each by itself", "[text]") {
    const std::string text = "אב גד efg הו";
    const auto size = static_cast<std::uint32_t>(text.size());
    const auto runs = runs_of_lines(text, true, {{0, 10, false}, {10, size, false}});
    REQUIRE(runs.size() == 2);
    CHECK(runs[0] == std::vector<VisualRun>{{0, 10, true}});
    CHECK(runs[1] == std::vector<VisualRun>{{13, size, true}, {10, 13, false}});
}

TEST_CASE("What is no UTF-8 becomes one sign a byte", "[text]") {
    const std::vector<VisualLetter> letters = shaped_letters("\xd7\x90\xff\xd7");
    REQUIRE(letters.size() == 3);
    CHECK(letters[1] == VisualLetter{0xfffd, 2, 3});
    CHECK(letters[2] == VisualLetter{0xfffd, 3, 4});
}
