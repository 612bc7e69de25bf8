#include "engine/embed/numbering.h"

#include "engine/embed/tokenizers/characters.h"

#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

namespace hsa {
namespace {

using Text = std::string_view;

std::int32_t first_character(Text text) {
    std::size_t at = 0;
    return text.empty() ? -1 : next_character(text, at);
}

Text without_blanks(Text text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == Text::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool ends_like_a_sentence(Text text) {
    constexpr std::array<Text, 12> kEnds = {
        ".", ",", ";", ":", "!", "?", "\u3002", "\uff0c", "\uff1b", "\uff1a", "\uff01", "\uff1f"};
    return std::any_of(kEnds.begin(), kEnds.end(), [&](Text end) { return text.ends_with(end); });
}

// What may follow a number: letters of which the first is no small one, and no end of a sentence.
bool is_title(Text text) {
    text = without_blanks(text);
    const std::int32_t first = first_character(text);
    return first >= 0 && u_isalpha(first) != 0 && u_islower(first) == 0 &&
           !ends_like_a_sentence(text);
}

std::size_t count_digits(Text text) {
    const std::size_t end = text.find_first_not_of("0123456789");
    return end == Text::npos ? text.size() : end;
}

std::uint32_t value_of(Text digits) {
    std::uint32_t value = 0;
    for (const char digit : digits) value = 10 * value + static_cast<std::uint32_t>(digit - '0');
    return value;
}

// "1.2", "3." or "3)" at the start; moves `text` behind it. Years and the like are no numbers of a
// heading.
std::optional<Numbering> take_decimal(Text& text) {
    constexpr std::size_t kMostDigits = 3;
    Numbering number;
    Text rest = text;
    for (;;) {
        const std::size_t digits = count_digits(rest);
        if (digits == 0 || digits > kMostDigits) break;
        number.parts.push_back(value_of(rest.substr(0, digits)));
        rest.remove_prefix(digits);
        text = rest;
        if (rest.size() < 2 || rest[0] != '.' || count_digits(rest.substr(1)) == 0) break;
        rest.remove_prefix(1);
    }
    if (number.parts.empty() || count_digits(text) > 0) return std::nullopt;
    return number;
}

// The digit of a Roman number that `letters` begins with, which it loses.
std::uint32_t take_roman_digit(Text& letters, const std::array<Text, 10>& digits) {
    std::uint32_t found = 0;
    for (std::uint32_t d = 1; d < digits.size(); ++d)
        if (letters.starts_with(digits[d]) && digits[d].size() > digits[found].size()) found = d;
    letters.remove_prefix(digits[found].size());
    return found;
}

// The value of a Roman number below 400 that is written as one should; 0 for anything else.
std::uint32_t roman_value(Text letters) {
    constexpr std::array<Text, 10> kHundreds = {"", "C", "CC", "CCC"};
    constexpr std::array<Text, 10> kTens = {"",  "X",  "XX",  "XXX",  "XL",
                                            "L", "LX", "LXX", "LXXX", "XC"};
    constexpr std::array<Text, 10> kOnes = {"",  "I",  "II",  "III",  "IV",
                                            "V", "VI", "VII", "VIII", "IX"};
    std::uint32_t value = 100 * take_roman_digit(letters, kHundreds);
    value += 10 * take_roman_digit(letters, kTens);
    value += take_roman_digit(letters, kOnes);
    return letters.empty() ? value : 0;
}

Text take_letters(Text& text) {
    std::size_t end = 0;
    while (end < text.size()) {
        std::size_t next = end;
        if (u_isalpha(next_character(text, next)) == 0) break;
        end = next;
    }
    const Text letters = text.substr(0, end);
    text.remove_prefix(end);
    return letters;
}

bool is_named_like(Text word) {
    constexpr std::array<Text, 32> kNames = {"chapter",
                                             "part",
                                             "section",
                                             "appendix",
                                             "book",
                                             "volume",
                                             "act",
                                             "scene",
                                             "canto",
                                             "lecture",
                                             "lesson",
                                             "unit",
                                             "kapitel",
                                             "teil",
                                             "abschnitt",
                                             "anhang",
                                             "buch",
                                             "chapitre",
                                             "partie",
                                             "annexe",
                                             "livre",
                                             "cap\u00edtulo",
                                             "capitulo",
                                             "parte",
                                             "secci\u00f3n",
                                             "capitolo",
                                             "hoofdstuk",
                                             "deel",
                                             "rozdzia\u0142",
                                             "\u0433\u043b\u0430\u0432\u0430",
                                             "\u0447\u0430\u0441\u0442\u044c",
                                             "\u0440\u0430\u0437\u0434\u0435\u043b"};
    std::string lower;
    icu::UnicodeString::fromUTF8(
        icu::StringPiece(word.data(), static_cast<std::int32_t>(word.size())))
        .toLower(icu::Locale::getRoot())
        .toUTF8String(lower);
    return std::find(kNames.begin(), kNames.end(), Text(lower)) != kNames.end();
}

bool is_number_word(Text word) {
    constexpr std::array<Text, 12> kWords = {"One",   "Two",   "Three", "Four", "Five",   "Six",
                                             "Seven", "Eight", "Nine",  "Ten",  "Eleven", "Twelve"};
    return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

// "Chapter 3", "PART IV: The end", "Appendix A": the word, a number or a letter, then nothing, a
// mark, or a title.
std::optional<Numbering> named(Text line) {
    const Text word = take_letters(line);
    if (word.empty() || u_isupper(first_character(word)) == 0 || !is_named_like(word) ||
        !line.starts_with(' '))
        return std::nullopt;
    line = without_blanks(line);
    Numbering number;
    if (count_digits(line) > 0) {
        const auto decimal = take_decimal(line);
        if (!decimal) return std::nullopt;
        number = *decimal;
    } else {
        const Text letters = take_letters(line);
        const std::uint32_t roman = roman_value(letters);
        const bool one_letter = letters.size() == 1 && letters[0] >= 'A' && letters[0] <= 'Z';
        if (roman == 0 && !one_letter && !is_number_word(letters)) return std::nullopt;
        if (roman > 0) number.parts = {roman};
    }
    number.style = NumberStyle::named;
    if (line.empty() || line == "." || line == ":") return number;
    constexpr std::array<Text, 5> kMarks = {".", ":", " -", " \u2013", " \u2014"};
    for (const Text mark : kMarks)
        if (line.starts_with(mark)) {
            line.remove_prefix(mark.size());
            break;
        }
    if (!line.starts_with(' ') || !is_title(line)) return std::nullopt;
    return number;
}

// "\u7b2c" with a number and a word for a part: Chinese and Japanese.
std::optional<Numbering> named_behind(Text line) {
    constexpr Text kBefore = "\u7b2c";
    constexpr Text kNumerals =
        "\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341\u767e\u96f6\u3007";
    constexpr Text kParts = "\u7ae0\u8282\u7bc0\u56de\u90e8\u7bc7\u5377";
    if (!line.starts_with(kBefore)) return std::nullopt;
    line.remove_prefix(kBefore.size());
    const std::size_t digits = count_digits(line);
    Numbering number;
    number.style = NumberStyle::named;
    if (digits > 0 && digits <= 3) number.parts = {value_of(line.substr(0, digits))};
    line.remove_prefix(digits);
    constexpr std::size_t kBytes = 3;  // of each of these characters
    const auto is_one_of = [&](Text these) {
        const std::size_t found = these.find(line.substr(0, kBytes));
        return line.size() >= kBytes && found != Text::npos && found % kBytes == 0;
    };
    bool any = digits > 0;
    for (; is_one_of(kNumerals); any = true) line.remove_prefix(kBytes);
    if (!any || !is_one_of(kParts)) return std::nullopt;
    line.remove_prefix(kBytes);
    if (ends_like_a_sentence(line)) return std::nullopt;
    return number;
}

}  // namespace

std::optional<Numbering> numbering_of(std::string_view line) {
    line = without_blanks(line);
    if (auto number = named(line)) return number;
    if (auto number = named_behind(line)) return number;
    if (count_digits(line) > 0) {
        const auto number = take_decimal(line);
        if (!number) return std::nullopt;
        if (line.starts_with('.') || line.starts_with(')')) line.remove_prefix(1);
        if (!line.starts_with(' ') && !line.starts_with('\t')) return std::nullopt;
        return is_title(line) ? number : std::nullopt;
    }
    const Text letters = take_letters(line);
    const std::uint32_t roman = roman_value(letters);
    if (roman == 0 || !line.starts_with(". ") || !is_title(line.substr(2))) return std::nullopt;
    return Numbering{NumberStyle::roman, {roman}, letters.size() == 1};
}

bool continues(const Numbering& first, const Numbering& second) {
    if (!first.same_kind(second) || first.parts.empty()) return false;
    return std::equal(first.parts.begin(), first.parts.end() - 1, second.parts.begin()) &&
           second.parts.back() == first.parts.back() + 1;
}

}  // namespace hsa
