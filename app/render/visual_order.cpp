#include "app/render/visual_order.h"

#include "engine/core/error.h"

#include <unicode/ubidi.h>
#include <unicode/uchar.h>
#include <unicode/ushape.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <memory>

namespace splatscope {
namespace {

constexpr char16_t kLam = 0x0644;
constexpr char16_t kReh = 0x0631;  // joins as a lam with an alef does: to the letter before it
constexpr char16_t kFatha = 0x064e;
constexpr char16_t kRehFinal = 0xfeae;

// A text in the units of ICU, with the byte each begins at and one more for the end.
struct Units {
    std::u16string text;
    std::vector<std::uint32_t> bytes;

    [[nodiscard]] std::int32_t size() const { return static_cast<std::int32_t>(text.size()); }
    // The first unit at or behind a byte.
    [[nodiscard]] std::int32_t at_byte(std::uint32_t byte) const {
        return static_cast<std::int32_t>(std::lower_bound(bytes.begin(), bytes.end() - 1, byte) -
                                         bytes.begin());
    }
};

Units units_of(std::string_view text) {
    Units units;
    units.text.reserve(text.size());
    units.bytes.reserve(text.size() + 1);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const auto size = static_cast<std::int32_t>(text.size());
    for (std::int32_t at = 0; at < size;) {
        const std::int32_t begin = at;
        UChar32 letter = 0;
        U8_NEXT(bytes, at, size, letter);
        if (letter < 0) {
            letter = 0xfffd;
            at = begin + 1;
        }
        if (letter < 0x20 || letter == 0x2028 || letter == 0x2029 || letter == 0x85) letter = ' ';
        for (std::size_t unit = 0; unit < U16_LENGTH(letter); ++unit)
            units.bytes.push_back(static_cast<std::uint32_t>(begin));
        if (U_IS_BMP(letter)) {
            units.text += static_cast<char16_t>(letter);
        } else {
            units.text += static_cast<char16_t>(U16_LEAD(letter));
            units.text += static_cast<char16_t>(U16_TRAIL(letter));
        }
    }
    units.bytes.push_back(static_cast<std::uint32_t>(size));
    return units;
}

bool is_steering(char32_t letter) {
    return (letter >= 0x200b && letter <= 0x200f) || (letter >= 0x202a && letter <= 0x202e) ||
           (letter >= 0x2060 && letter <= 0x2069) || letter == 0x061c || letter == 0xfeff;
}

// A mark that stands on the letter before it.
bool is_mark(char32_t letter) {
    return letter >= 0x300 && u_charType(static_cast<UChar32>(letter)) == U_NON_SPACING_MARK;
}
// Fonts draw marks of right-to-left scripts to the right of the pen, over the letter to come.
bool leads_its_letter(char32_t letter) {
    return letter >= 0x0590 && letter < 0x0900 && is_mark(letter);
}

// The sign that a lam makes with an alef, alone; the one joined to a letter before is the next.
char16_t lam_with(char16_t alef) {
    switch (alef) {
        case 0x0622: return 0xfef5;
        case 0x0623: return 0xfef7;
        case 0x0625: return 0xfef9;
        case 0x0627: return 0xfefb;
        default: return 0;
    }
}

struct CloseBidi {
    void operator()(UBiDi* bidi) const { ubidi_close(bidi); }
};
using Bidi = std::unique_ptr<UBiDi, CloseBidi>;

Bidi set_paragraph(const Units& units, UBiDiLevel level) {
    UErrorCode status = U_ZERO_ERROR;
    Bidi bidi(ubidi_openSized(units.size(), 0, &status));
    if (U_SUCCESS(status))
        ubidi_setPara(bidi.get(), units.text.data(), units.size(), level, nullptr, &status);
    if (U_FAILURE(status)) hsa::fault("ICU orders no text: {}", u_errorName(status));
    return bidi;
}

// Runs of the line that `bidi` holds, which begins at a unit of the text.
std::vector<VisualRun> runs_of(UBiDi* bidi, const Units& units, std::int32_t first) {
    UErrorCode status = U_ZERO_ERROR;
    const std::int32_t count = ubidi_countRuns(bidi, &status);
    std::vector<VisualRun> runs;
    for (std::int32_t r = 0; U_SUCCESS(status) && r < count; ++r) {
        std::int32_t begin = 0, length = 0;
        const UBiDiDirection way = ubidi_getVisualRun(bidi, r, &begin, &length);
        const auto unit = static_cast<std::size_t>(first + begin);
        runs.push_back({units.bytes[unit], units.bytes[unit + static_cast<std::size_t>(length)],
                        way == UBIDI_RTL});
    }
    return runs;
}

}  // namespace

bool may_run_right_to_left(std::string_view text) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    for (std::size_t at = 0; at < text.size(); ++at) {
        const unsigned first = byte(at);
        if (first < 0xd6U) continue;  // ASCII, what goes on a letter, Latin, Greek, Cyrillic
        if (first <= 0xdfU) {         // U+0580 on
            if (first > 0xd6U || byte(at + 1) >= 0x90U) return true;
        } else if (first == 0xe0U) {
            if (byte(at + 1) <= 0xa3U) return true;
        } else if (first == 0xe2U) {
            const unsigned second = byte(at + 1), third = byte(at + 2);
            if (second == 0x80U && (third == 0x8fU || (third >= 0xaaU && third <= 0xaeU)))
                return true;
            if (second == 0x81U && third >= 0xa6U && third <= 0xa9U) return true;
        } else if (first == 0xefU) {
            const unsigned second = byte(at + 1);
            if (second == 0xacU && byte(at + 2) >= 0x9dU) return true;
            if (second >= 0xadU && second <= 0xb7U) return true;
            if (second == 0xb9U && byte(at + 2) >= 0xb0U) return true;
            if (second == 0xbaU || (second == 0xbbU && byte(at + 2) <= 0xbcU)) return true;
        } else if (first == 0xf0U) {
            const unsigned second = byte(at + 1), third = byte(at + 2);
            if (second == 0x90U && third >= 0xa0U) return true;
            if (second == 0x9eU && third >= 0xa0U && third < 0xbcU) return true;
        }
    }
    return false;
}

bool starts_right_to_left(std::string_view text) {
    constexpr std::size_t kPiece = 4096;
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t end = std::min(text.size(), at + kPiece);
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) ++end;
        const Units units = units_of(text.substr(at, end - at));
        const UBiDiDirection way = ubidi_getBaseDirection(units.text.data(), units.size());
        if (way != UBIDI_NEUTRAL) return way == UBIDI_RTL;
        at = end;
    }
    return false;
}

std::vector<VisualLetter> shaped_letters(std::string_view text) {
    const Units units = units_of(text);
    std::u16string plain = units.text;
    // ICU would move letters to make one of lam and alef; what joins alike stands for both.
    std::vector<std::size_t> alefs(plain.size(), 0);  // of a lam; 0 = none
    std::vector<bool> taken(plain.size(), false);
    bool arabic = false;
    for (std::size_t i = 0; i < plain.size(); ++i) {
        arabic = arabic || (plain[i] >= 0x600 && plain[i] < 0x700);
        if (plain[i] != kLam) continue;
        std::size_t next = i + 1;
        while (next < plain.size() && leads_its_letter(plain[next])) ++next;
        if (next >= plain.size() || lam_with(plain[next]) == 0) continue;
        alefs[i] = next;
        taken[next] = true;
    }
    for (std::size_t i = 0; i < plain.size(); ++i) {
        if (alefs[i] == 0) continue;
        plain[i] = kReh;
        plain[alefs[i]] = kFatha;
    }
    std::u16string shaped = plain;
    if (arabic) {
        UErrorCode status = U_ZERO_ERROR;
        (void)u_shapeArabic(plain.data(), units.size(), shaped.data(), units.size(),
                            U_SHAPE_LETTERS_SHAPE | U_SHAPE_LENGTH_FIXED_SPACES_NEAR |
                                U_SHAPE_TEXT_DIRECTION_LOGICAL,
                            &status);
        if (U_FAILURE(status)) hsa::fault("ICU joins no Arabic letters: {}", u_errorName(status));
    }
    std::vector<VisualLetter> letters;
    letters.reserve(plain.size());
    for (std::int32_t at = 0; at < units.size();) {
        const auto here = static_cast<std::size_t>(at);
        UChar32 own = 0;
        U16_NEXT(units.text.data(), at, units.size(), own);
        const auto letter = static_cast<char32_t>(own);
        if (taken[here] || is_steering(letter)) continue;
        VisualLetter drawn{letter, units.bytes[here], units.bytes[static_cast<std::size_t>(at)]};
        if (alefs[here] != 0) {
            drawn.letter = static_cast<char32_t>(lam_with(units.text[alefs[here]]) +
                                                 (shaped[here] == kRehFinal ? 1 : 0));
            drawn.end = units.bytes[alefs[here] + 1];
        } else if (letter >= 0x600 && letter < 0x700 && !is_mark(letter)) {
            drawn.letter = shaped[here];
        }
        letters.push_back(drawn);
    }
    return letters;
}

std::vector<std::vector<VisualRun>> runs_of_lines(std::string_view paragraph, bool right_to_left,
                                                  const std::vector<VisualRun>& lines) {
    const Units units = units_of(paragraph);
    const Bidi whole = set_paragraph(units, right_to_left ? 1 : 0);
    UErrorCode status = U_ZERO_ERROR;
    const Bidi line(ubidi_open());
    std::vector<std::vector<VisualRun>> runs;
    runs.reserve(lines.size());
    for (const VisualRun& of : lines) {
        const std::int32_t begin = units.at_byte(of.begin), end = units.at_byte(of.end);
        if (begin >= end) {
            runs.emplace_back();
            continue;
        }
        ubidi_setLine(whole.get(), begin, end, line.get(), &status);
        if (U_FAILURE(status)) hsa::fault("ICU orders no line: {}", u_errorName(status));
        runs.push_back(runs_of(line.get(), units, begin));
    }
    return runs;
}

std::vector<VisualLetter> letters_of_run(const std::vector<VisualLetter>& shaped,
                                         const VisualRun& run) {
    const auto behind = [](const VisualLetter& letter, std::uint32_t byte) {
        return letter.begin < byte;
    };
    const auto first = std::lower_bound(shaped.begin(), shaped.end(), run.begin, behind);
    const auto last = std::lower_bound(first, shaped.end(), run.end, behind);
    std::vector<VisualLetter> letters(first, last);
    if (!run.right_to_left) return letters;
    std::reverse(letters.begin(), letters.end());
    for (VisualLetter& letter : letters)
        letter.letter = static_cast<char32_t>(u_charMirror(static_cast<UChar32>(letter.letter)));
    // Other marks follow their letter, as fonts draw them back over it.
    for (std::size_t i = 0; i < letters.size(); ++i) {
        std::size_t end = i;
        while (end < letters.size() && is_mark(letters[end].letter) &&
               !leads_its_letter(letters[end].letter))
            ++end;
        if (end == i || end == letters.size()) continue;
        std::rotate(letters.begin() + static_cast<std::ptrdiff_t>(i),
                    letters.begin() + static_cast<std::ptrdiff_t>(end),
                    letters.begin() + static_cast<std::ptrdiff_t>(end) + 1);
        i = end;
    }
    return letters;
}

std::vector<VisualLetter> visual_letters(std::string_view text, Direction direction) {
    const std::vector<VisualLetter> shaped = shaped_letters(text);
    const auto size = static_cast<std::uint32_t>(text.size());
    if (direction != Direction::by_letters)
        return letters_of_run(shaped, {0, size, direction == Direction::right_to_left});
    if (!may_run_right_to_left(text)) return shaped;
    const auto runs = runs_of_lines(text, starts_right_to_left(text), {{0, size, false}});
    std::vector<VisualLetter> letters;
    letters.reserve(shaped.size());
    for (const VisualRun& run : runs.front()) {
        const std::vector<VisualLetter> of_run = letters_of_run(shaped, run);
        letters.insert(letters.end(), of_run.begin(), of_run.end());
    }
    return letters;
}

std::string visual_words(std::string_view text, Direction direction) {
    if (!needs_order(text, direction)) return std::string(text);
    std::string words;
    words.reserve(text.size());
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        for (const VisualLetter& letter : visual_letters(text.substr(at, end - at), direction))
            append_letter(words, letter.letter);
        if (end < text.size()) words += '\n';
        at = end + 1;
    }
    return words;
}

void append_letter(std::string& text, char32_t letter) {
    const auto byte = [&](std::uint32_t value) { text += static_cast<char>(value); };
    if (letter < 0x80) {
        byte(letter);
    } else if (letter < 0x800) {
        byte(0xc0U | letter >> 6U);
        byte(0x80U | (letter & 0x3fU));
    } else if (letter < 0x10000) {
        byte(0xe0U | letter >> 12U);
        byte(0x80U | (letter >> 6U & 0x3fU));
        byte(0x80U | (letter & 0x3fU));
    } else {
        byte(0xf0U | letter >> 18U);
        byte(0x80U | (letter >> 12U & 0x3fU));
        byte(0x80U | (letter >> 6U & 0x3fU));
        byte(0x80U | (letter & 0x3fU));
    }
}

char32_t next_letter(std::string_view text, std::size_t& at) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const unsigned first = byte(at);
    if (first < 0x80U) {
        ++at;
        return first;
    }
    const std::size_t length = first >= 0xf0U ? 4 : first >= 0xe0U ? 3 : 2;
    char32_t letter = first & (length == 4 ? 0x07U : length == 3 ? 0x0fU : 0x1fU);
    for (std::size_t i = 1; i < length; ++i) letter = letter << 6U | (byte(at + i) & 0x3fU);
    at = std::min(at + length, text.size());
    return letter;
}

}  // namespace splatscope
