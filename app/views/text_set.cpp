#include "app/views/text_set.h"

#include <algorithm>
#include <string_view>

namespace splatscope {
namespace {

// A line's text with blanks folded, and for each byte of it the byte of the document.
struct Folded {
    std::string text;
    std::vector<std::uint64_t> from;

    void add(std::string_view letter, std::uint64_t byte) {
        text += letter;
        for (std::size_t i = 0; i < letter.size(); ++i) from.push_back(byte + i);
    }
};

Folded folded(std::string_view text, const TextLine& line) {
    Folded made;
    bool after_blank = false;
    char32_t before = 0;
    for (std::size_t at = line.begin; at < line.end;) {
        const std::size_t here = at;
        const char32_t letter = next_letter(text, at);
        const bool blank = is_blank(letter) || letter < 0x20;
        if (!blank) {
            made.add(text.substr(here, at - here), here);
            before = letter;
        } else if (!after_blank && !joins_ideographs(before, text, here)) {
            made.add(" ", here);
        }
        after_blank = blank;
    }
    made.from.push_back(line.end);
    return made;
}

// The token that a byte of the document belongs to; those before `token` end before it.
std::size_t token_of(const hsa::Dataset& dataset, std::size_t token, std::uint64_t byte) {
    const auto found = std::upper_bound(
        dataset.tokens.begin() + static_cast<std::ptrdiff_t>(token), dataset.tokens.end(), byte,
        [](std::uint64_t at, const hsa::Span& span) { return at < span.end; });
    if (found == dataset.tokens.end() || found->begin > byte) return kNoToken;
    return static_cast<std::size_t>(found - dataset.tokens.begin());
}

// Letters of a token side by side become a piece; the blank behind one knows its neighbours.
void add_pieces(SetLine& line, const Folded& folded, const hsa::Dataset& dataset,
                std::size_t token) {
    const auto add = [&](std::size_t of, float begin, float end, bool goes_on) {
        if (goes_on && !line.pieces.empty() && line.pieces.back().token == of)
            line.pieces.back().end = end;
        else line.pieces.push_back({of, begin, end});
    };
    bool goes_on = false;
    std::uint32_t run = 0;
    for (const SetLetter& letter : line.letters) {
        goes_on = goes_on && letter.run == run;
        run = letter.run;
        const bool blank = letter.drawn.letter == U' ';
        if (letter.token == kNoToken || (blank && !goes_on)) {
            if (blank && !line.pieces.empty()) {
                const std::uint64_t byte = folded.from[letter.drawn.begin];
                const auto behind = std::upper_bound(
                    dataset.tokens.begin() + static_cast<std::ptrdiff_t>(token),
                    dataset.tokens.end(), byte,
                    [](std::uint64_t at, const hsa::Span& span) { return at < span.begin; });
                if (behind != dataset.tokens.end() && behind != dataset.tokens.begin()) {
                    line.pieces.back().gap_after =
                        static_cast<std::size_t>(behind - dataset.tokens.begin());
                    line.pieces.back().gap_before = line.pieces.back().gap_after - 1;
                }
            }
            goes_on = false;
            continue;
        }
        // Of two letters that are one sign the first is its right half.
        std::size_t last = letter.token;
        if (letter.right_to_left && letter.drawn.end - letter.drawn.begin > 2) {
            std::uint32_t at = letter.drawn.end - 1;
            while (at > letter.drawn.begin &&
                   (static_cast<unsigned char>(line.text[at]) & 0xc0U) == 0x80U)
                --at;
            last = token_of(dataset, token, folded.from[at]);
        }
        if (last != letter.token && last != kNoToken) {
            const float middle = 0.5F * (letter.begin + letter.end);
            add(last, letter.begin, middle, goes_on);
            add(letter.token, middle, letter.end, false);
        } else {
            add(letter.token, letter.begin, letter.end, goes_on);
        }
        goes_on = true;
    }
}

bool joins(char32_t letter) { return letter >= 0x600 && letter < 0x700; }

}  // namespace

SetLine set_line(const Canvas& canvas, const hsa::Dataset& dataset, const TextLine& line,
                 std::size_t token, LetterWidths& widths, float x) {
    SetLine set;
    const std::string_view text(*dataset.text);
    bool after_blank = false;
    char32_t before = 0;
    Piece piece;
    bool open = false;
    for (std::size_t at = line.begin; at < line.end;) {
        const std::size_t here = at;
        const char32_t letter = next_letter(text, at);
        while (token < dataset.tokens.size() && dataset.tokens[token].end <= here) {
            if (open) set.pieces.push_back(piece);
            open = false;
            ++token;
        }
        const bool blank = is_blank(letter) || letter < 0x20;
        if (blank && (after_blank || joins_ideographs(before, text, here))) {
            after_blank = true;
            continue;
        }
        const bool inside = token < dataset.tokens.size() && dataset.tokens[token].begin <= here;
        if (inside && !open && !blank) {
            piece = {token, x, x, set.text.size(), set.text.size()};
            open = true;
        }
        after_blank = blank;
        if (!blank) before = letter;
        if (blank) set.text += ' ';
        else set.text.append(text.substr(here, at - here));
        x += widths.of(canvas, blank ? U' ' : letter);
        if (open && inside) {
            piece.end = x;
            piece.letters_end = set.text.size();
        }
    }
    if (open) set.pieces.push_back(piece);
    for (std::size_t p = 0; p + 1 < set.pieces.size(); ++p) {
        set.pieces[p].gap_before = set.pieces[p].token;
        set.pieces[p].gap_after = set.pieces[p + 1].token;
    }
    return set;
}

SetLine set_runs(const Canvas& canvas, const hsa::Dataset& dataset, const TextLine& line,
                 std::span<const VisualRun> runs, std::size_t token, LetterWidths& widths,
                 float left, float right) {
    SetLine set;
    Folded made = folded(*dataset.text, line);
    set.text = std::move(made.text);
    const std::vector<VisualLetter> shaped = shaped_letters(set.text);
    const auto at_byte = [&](std::uint64_t byte) {
        return static_cast<std::uint32_t>(
            std::lower_bound(made.from.begin(), made.from.end() - 1, line.begin + byte) -
            made.from.begin());
    };
    float x = 0.0F;
    for (std::size_t r = 0; r < runs.size(); ++r) {
        const VisualRun run{at_byte(runs[r].begin), at_byte(runs[r].end), runs[r].right_to_left};
        for (const VisualLetter& letter : letters_of_run(shaped, run)) {
            const float end = x + widths.of(canvas, letter.letter);
            set.letters.push_back({letter, x, end,
                                   token_of(dataset, token, made.from[letter.begin]),
                                   static_cast<std::uint32_t>(r), run.right_to_left});
            x = end;
        }
    }
    const float shift = line.right_to_left ? std::max(left, right - x) : left;
    for (SetLetter& letter : set.letters) {
        letter.begin += shift;
        letter.end += shift;
    }
    add_pieces(set, made, dataset, token);
    return set;
}

std::string text_of(const SetLine& line, std::size_t first, std::size_t last) {
    std::vector<VisualLetter> letters;
    for (std::size_t l = first; l < last; ++l) letters.push_back(line.letters[l].drawn);
    std::stable_sort(letters.begin(), letters.end(),
                     [](const auto& a, const auto& b) { return a.begin < b.begin; });
    if (letters.empty()) return {};
    const std::uint32_t begin = letters.front().begin;
    std::uint32_t end = 0;
    for (const VisualLetter& letter : letters) end = std::max(end, letter.end);
    const auto letter_at = [&](std::size_t at) { return next_letter(line.text, at); };
    const auto start_before = [&](std::size_t at) {
        while (at > 0 && (static_cast<unsigned char>(line.text[--at]) & 0xc0U) == 0x80U) continue;
        return at;
    };
    const bool cut_front =
        begin > 0 && joins(letter_at(start_before(begin))) && joins(letter_at(begin));
    const bool cut_back =
        end < line.text.size() && joins(letter_at(start_before(end))) && joins(letter_at(end));
    if (!cut_front && !cut_back) return line.text.substr(begin, end - begin);
    std::string forms;
    for (const VisualLetter& letter : letters)
        if (letter.letter >= 0xfb50) append_letter(forms, letter.letter);
        else forms += line.text.substr(letter.begin, letter.end - letter.begin);
    return forms;
}

}  // namespace splatscope
