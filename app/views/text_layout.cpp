#include "app/views/text_layout.h"

#include "app/views/text_kept_lines.h"
#include "app/widgets/fonts.h"

#include <unicode/ubrk.h>
#include <unicode/uscript.h>
#include <unicode/utext.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

namespace splatscope {
namespace {

constexpr char32_t kCommon = 0x3000;
// A paragraph that must be ordered or broken by ICU costs as many times more.
constexpr std::size_t kSlower = 6;

// Scripts whose letters change form or place beside one another by rules of their fonts.
constexpr std::array<UScriptCode, 22> kUnshaped = {
    USCRIPT_DEVANAGARI, USCRIPT_BENGALI,  USCRIPT_GURMUKHI, USCRIPT_GUJARATI,  USCRIPT_ORIYA,
    USCRIPT_TAMIL,      USCRIPT_TELUGU,   USCRIPT_KANNADA,  USCRIPT_MALAYALAM, USCRIPT_SINHALA,
    USCRIPT_THAI,       USCRIPT_LAO,      USCRIPT_TIBETAN,  USCRIPT_MYANMAR,   USCRIPT_KHMER,
    USCRIPT_MONGOLIAN,  USCRIPT_SYRIAC,   USCRIPT_THAANA,   USCRIPT_NKO,       USCRIPT_BALINESE,
    USCRIPT_JAVANESE,   USCRIPT_SUNDANESE};

std::size_t paragraph_end(const hsa::Dataset& dataset, std::size_t first) {
    const std::vector<std::uint32_t>& paragraph = dataset.structure.paragraph;
    const std::size_t n = dataset.tokens.size();
    if (paragraph.size() != n) return n;
    const auto end = std::upper_bound(paragraph.begin() + static_cast<std::ptrdiff_t>(first),
                                      paragraph.end(), paragraph[first]);
    return static_cast<std::size_t>(end - paragraph.begin());
}

// Ideographs, kana and their punctuation, which stand without blanks; Hangul has blanks.
bool is_ideographic(char32_t letter) {
    return (letter >= 0x2e80 && letter < 0xa4d0) || (letter >= 0xf900 && letter < 0xfb00) ||
           (letter >= 0xfe30 && letter < 0xfe50) || (letter >= 0xff01 && letter < 0xff61) ||
           (letter >= 0x20000 && letter < 0x40000);
}

struct CloseBreaks {
    void operator()(UBreakIterator* breaks) const { ubrk_close(breaks); }
    void operator()(UText* text) const { utext_close(text); }
};

// Where a line may break, in bytes, by the line rules of ICU (UAX #14, and its dictionaries).
std::vector<std::uint32_t> line_breaks(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<UText, CloseBreaks> letters(
        utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &status));
    const std::unique_ptr<UBreakIterator, CloseBreaks> breaks(
        ubrk_open(UBRK_LINE, "", nullptr, 0, &status));
    std::vector<std::uint32_t> found;
    if (U_FAILURE(status)) return found;
    ubrk_setUText(breaks.get(), letters.get(), &status);
    if (U_FAILURE(status)) return found;
    for (std::int32_t at = ubrk_next(breaks.get()); at != UBRK_DONE; at = ubrk_next(breaks.get()))
        found.push_back(static_cast<std::uint32_t>(at));
    return found;
}

// The letters of a text as they stand in it.
struct PlainLetters {
    std::string_view text;
    std::size_t begin, at, end;

    bool next(std::size_t& here, char32_t& letter) {
        if (at >= end) return false;
        here = at;
        letter = next_letter(text, at);
        return true;
    }
};

// The same shaped: their widths are those of the signs that are drawn.
struct ShapedLetters {
    std::string_view text;
    std::size_t begin, at;
    std::vector<VisualLetter> letters;
    std::size_t index = 0;

    bool next(std::size_t& here, char32_t& letter) {
        if (index >= letters.size()) return false;
        here = begin + letters[index].begin;
        at = std::max(at, begin + letters[index].end);
        letter = letters[index++].letter;
        return true;
    }
};

}  // namespace

void LetterWidths::set(const TextStyle& style) {
    if (!common_.empty() && style.font == style_.font && style.size == style_.size) return;
    style_ = style;
    common_.assign(kCommon, -1.0F);
    rare_.clear();
    unshaped_.clear();
    missing_.clear();
}

void LetterWidths::note(char32_t letter) {
    if (letter < 0x300 || is_blank(letter)) return;
    if (!has_glyph(style_.font, letter)) missing_.insert(letter);
    UErrorCode status = U_ZERO_ERROR;
    const UScriptCode script = uscript_getScript(static_cast<UChar32>(letter), &status);
    if (U_FAILURE(status) ||
        std::find(kUnshaped.begin(), kUnshaped.end(), script) == kUnshaped.end())
        return;
    const std::string name = uscript_getName(script);
    const auto place = std::lower_bound(unshaped_.begin(), unshaped_.end(), name);
    if (place == unshaped_.end() || *place != name) unshaped_.insert(place, name);
}

float LetterWidths::of(const Canvas& canvas, char32_t letter) {
    if (letter < kCommon && common_[letter] >= 0.0F) return common_[letter];
    if (letter >= kCommon) {
        const auto found = rare_.find(letter);
        if (found != rare_.end()) return found->second;
    }
    note(letter);
    // Of a row of letters, since a canvas may round the width of a text. They are in order already.
    constexpr std::size_t kRow = 16;
    std::string one;
    append_letter(one, letter);
    std::string row;
    for (std::size_t i = 0; i < kRow; ++i) row += one;
    const float width = canvas.text_size(row, style_).x / static_cast<float>(kRow);
    if (letter < kCommon) common_[letter] = width;
    else rare_.emplace(letter, width);
    return width;
}

bool is_blank(char32_t letter) {
    return letter == U' ' || (letter >= U'\t' && letter <= U'\r') || letter == 0x3000 ||
           (letter >= 0x2000 && letter <= 0x200a) || letter == 0x2028 || letter == 0x2029;
}

bool joins_ideographs(char32_t before, std::string_view text, std::size_t at) {
    if (!is_ideographic(before)) return false;
    bool line_end = false;
    while (at < text.size()) {
        const char32_t letter = next_letter(text, at);
        if (!is_blank(letter)) return line_end && is_ideographic(letter);
        line_end = line_end || letter == U'\n';
    }
    return false;
}

TextLayout::Needs TextLayout::needs_of(std::string_view text) {
    Needs needs;
    needs.order = may_run_right_to_left(text);
    for (std::size_t at = 0; at + 1 < text.size() && !needs.breaks; ++at) {
        const auto first = static_cast<unsigned char>(text[at]);
        if (first < 0xe0U) continue;
        std::size_t behind = at;
        const char32_t letter = next_letter(text, behind);
        needs.breaks = (letter >= 0x0e00 && letter < 0x0f00) ||
                       (letter >= 0x1000 && letter < 0x10a0) ||
                       (letter >= 0x1780 && letter < 0x1800) ||
                       (letter >= 0x2e80 && letter < 0xd800) || is_ideographic(letter);
        at = behind - 1;
    }
    return needs;
}

TextLayout::TextLayout(std::shared_ptr<const hsa::Dataset> dataset, float width)
    : dataset_(std::move(dataset)), width_(width) {}

void TextLayout::advance(const Canvas& canvas, TextFonts& fonts, std::size_t bytes) {
    if (complete()) return;
    const hsa::Dataset& dataset = *dataset_;
    const std::vector<hsa::Section>& sections = dataset.structure.sections;
    std::size_t spent = 0;
    while (!complete()) {
        const std::size_t last = paragraph_end(dataset, token_);
        while (section_ < sections.size() && sections[section_].tokens.begin < token_) ++section_;
        const bool heading = section_ < sections.size() && !sections[section_].title.empty() &&
                             sections[section_].tokens.begin == token_;
        std::uint64_t begin = dataset.tokens[token_].begin;
        std::uint64_t end = dataset.tokens[last - 1].end;
        if (resume_ > begin) {
            begin = resume_;
        } else if (!lines_.empty()) {
            const std::uint64_t before = lines_.back().end;
            lines_.push_back({before, before, false});
        }
        // A paragraph longer than a piece goes on in the next frame, at the begin of its last line.
        const std::string_view text(*dataset.text);
        const Needs needs =
            needs_of(text.substr(begin, std::min<std::size_t>(end - begin, bytes + bytes / 2)));
        const std::size_t cost = needs.order || needs.breaks ? kSlower : 1;
        const std::size_t most = std::max(bytes / cost, std::min<std::size_t>(bytes, 64));
        const bool cut = end - begin > most + most / 2;
        if (cut) {
            end = begin + most;
            while (end > begin && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
        }
        break_paragraph(canvas, heading ? fonts.heading_widths : fonts.body_widths, begin, end,
                        heading, needs);
        spent += (end - begin) * cost;
        if (cut) {
            if (lines_.back().begin > begin) {
                resume_ = lines_.back().begin;
                lines_.pop_back();
            } else {
                resume_ = end;
            }
            fence_ = fence_behind(text, begin, resume_, fence_);
            const auto reached = std::lower_bound(
                dataset.tokens.begin() + static_cast<std::ptrdiff_t>(token_), dataset.tokens.end(),
                resume_,
                [](const hsa::Span& span, std::uint64_t byte) { return span.end <= byte; });
            reached_ = static_cast<std::size_t>(reached - dataset.tokens.begin());
            return;
        }
        fence_ = fence_behind(text, begin, end, fence_);
        resume_ = 0;
        token_ = last;
        reached_ = last;
        if (spent >= bytes) return;
    }
}

void TextLayout::break_paragraph(const Canvas& canvas, LetterWidths& widths, std::uint64_t begin,
                                 std::uint64_t end, bool heading, Needs needs) {
    const std::string_view text(*dataset_->text);
    const std::string_view piece = text.substr(begin, end - begin);
    std::vector<std::uint32_t> breaks;
    if (needs.breaks) breaks = line_breaks(piece);
    const std::vector<std::uint32_t> kept = kept_lines(text, begin, end, fence_);
    if (!needs.order) {
        break_lines(canvas, widths, PlainLetters{text, begin, begin, end}, heading, breaks, kept);
        return;
    }
    const std::size_t first = lines_.size();
    break_lines(canvas, widths, ShapedLetters{text, begin, begin, shaped_letters(piece)}, heading,
                breaks, kept);
    order_lines(first, begin, end);
}

// `letters` are those of a paragraph or a piece of it.
template <class Letters>
void TextLayout::break_lines(const Canvas& canvas, LetterWidths& widths, Letters letters,
                             bool heading, std::span<const std::uint32_t> breaks,
                             std::span<const std::uint32_t> kept) {
    std::size_t line = letters.begin;     // its first byte
    std::size_t ink_end = letters.begin;  // behind its last letter
    std::size_t next = 0;                 // where the next line could begin; 0 = nowhere yet
    std::size_t next_end = 0;             // and this one end
    float x = 0.0F, next_x = 0.0F;        // pen at the end and at `next`
    bool after_blank = false;
    std::size_t here = 0;
    char32_t letter = 0, before = 0;
    auto allowed = breaks.begin();
    auto own_line = kept.begin();
    while (letters.next(here, letter)) {
        if (is_blank(letter)) {
            if (after_blank) continue;
            after_blank = true;
            if (!joins_ideographs(before, letters.text, here)) x += widths.of(canvas, U' ');
            continue;
        }
        before = letter;
        if (own_line != kept.end() && here >= letters.begin + *own_line) {
            ++own_line;
            if (ink_end > line) lines_.push_back({line, ink_end, heading});
            line = here;
            next = 0;
            x = 0.0F;
            after_blank = false;
        }
        while (allowed != breaks.end() && letters.begin + *allowed < here) ++allowed;
        const bool between = allowed != breaks.end() && letters.begin + *allowed == here;
        if ((after_blank || between) && here > line) {
            next = here;
            next_end = ink_end;
            next_x = x;
        }
        after_blank = false;
        const float width = widths.of(canvas, letter);
        if (x + width > width_ && here > line) {
            if (next == 0) {  // one word wider than the line
                next = here;
                next_end = here;
                next_x = x;
            }
            lines_.push_back({line, next_end, heading});
            line = next;
            x -= next_x;
            next = 0;
        }
        x += width;
        ink_end = letters.at;
    }
    if (ink_end > line) lines_.push_back({line, ink_end, heading});
}

// The runs of the lines from `first` on, which are those of a paragraph's bytes [begin, end).
void TextLayout::order_lines(std::size_t first, std::uint64_t begin, std::uint64_t end) {
    const std::string_view text(*dataset_->text);
    const std::uint64_t paragraph = dataset_->tokens[token_].begin;
    const bool leftwards = starts_right_to_left(text.substr(paragraph, end - paragraph));
    // What stands before a piece says how signs and numbers at its begin run.
    constexpr std::uint64_t kContext = 1024;
    std::uint64_t from = begin - std::min(begin - paragraph, kContext);
    while (from < begin && (static_cast<unsigned char>(text[from]) & 0xc0U) == 0x80U) ++from;
    std::vector<VisualRun> places;
    for (std::size_t l = first; l < lines_.size(); ++l)
        places.push_back({static_cast<std::uint32_t>(lines_[l].begin - from),
                          static_cast<std::uint32_t>(lines_[l].end - from), false});
    const std::vector<std::vector<VisualRun>> ordered =
        runs_of_lines(text.substr(from, end - from), leftwards, places);
    for (std::size_t l = first; l < lines_.size(); ++l) {
        const std::vector<VisualRun>& runs = ordered[l - first];
        TextLine& line = lines_[l];
        line.right_to_left = leftwards;
        const bool as_written = std::none_of(runs.begin(), runs.end(),
                                             [](const VisualRun& r) { return r.right_to_left; });
        if ((!leftwards && as_written) || runs.size() > std::numeric_limits<std::uint16_t>::max())
            continue;
        line.first_run = static_cast<std::uint32_t>(runs_.size());
        line.run_count = static_cast<std::uint16_t>(runs.size());
        const auto shift = static_cast<std::uint32_t>(line.begin - from);
        for (const VisualRun& run : runs)
            runs_.push_back({run.begin - shift, run.end - shift, run.right_to_left});
    }
}

std::size_t TextLayout::line_of(std::size_t token) const {
    if (lines_.empty() || !dataset_ || token >= dataset_->tokens.size()) return 0;
    const std::uint64_t byte = dataset_->tokens[token].begin;
    const auto after = std::upper_bound(
        lines_.begin(), lines_.end(), byte,
        [](std::uint64_t value, const TextLine& line) { return value < line.begin; });
    return after == lines_.begin() ? 0 : static_cast<std::size_t>(after - lines_.begin()) - 1;
}

std::size_t TextLayout::first_token(std::size_t line) const {
    const std::uint64_t byte = lines_[std::min(line, lines_.size() - 1)].begin;
    const auto found =
        std::lower_bound(dataset_->tokens.begin(), dataset_->tokens.end(), byte,
                         [](const hsa::Span& span, std::uint64_t at) { return span.end <= at; });
    return static_cast<std::size_t>(found - dataset_->tokens.begin());
}

}  // namespace splatscope
