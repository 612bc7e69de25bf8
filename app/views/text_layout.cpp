#include "app/views/text_layout.h"

#include <algorithm>

namespace splatscope {
namespace {

constexpr char32_t kCommon = 0x3000;

std::size_t paragraph_end(const hsa::Dataset& dataset, std::size_t first) {
    const std::vector<std::uint32_t>& paragraph = dataset.structure.paragraph;
    const std::size_t n = dataset.tokens.size();
    if (paragraph.size() != n) return n;
    const auto end = std::upper_bound(paragraph.begin() + static_cast<std::ptrdiff_t>(first),
                                      paragraph.end(), paragraph[first]);
    return static_cast<std::size_t>(end - paragraph.begin());
}

}  // namespace

void LetterWidths::set(const TextStyle& style) {
    if (!common_.empty() && style.font == style_.font && style.size == style_.size) return;
    style_ = style;
    common_.assign(kCommon, -1.0F);
    rare_.clear();
}

float LetterWidths::of(const Canvas& canvas, char32_t letter) {
    if (letter < kCommon && common_[letter] >= 0.0F) return common_[letter];
    if (letter >= kCommon) {
        const auto found = rare_.find(letter);
        if (found != rare_.end()) return found->second;
    }
    // Of a row of letters, since a canvas may round the width of a text.
    constexpr std::size_t kRow = 16;
    std::string one;
    if (letter < 0x80) {
        one = static_cast<char>(letter);
    } else if (letter < 0x800) {
        one = {static_cast<char>(0xc0U | letter >> 6U),
               static_cast<char>(0x80U | (letter & 0x3fU))};
    } else if (letter < 0x10000) {
        one = {static_cast<char>(0xe0U | letter >> 12U),
               static_cast<char>(0x80U | (letter >> 6U & 0x3fU)),
               static_cast<char>(0x80U | (letter & 0x3fU))};
    } else {
        one = {static_cast<char>(0xf0U | letter >> 18U),
               static_cast<char>(0x80U | (letter >> 12U & 0x3fU)),
               static_cast<char>(0x80U | (letter >> 6U & 0x3fU)),
               static_cast<char>(0x80U | (letter & 0x3fU))};
    }
    std::string row;
    for (std::size_t i = 0; i < kRow; ++i) row += one;
    const float width = canvas.text_size(row, style_).x / static_cast<float>(kRow);
    if (letter < kCommon) common_[letter] = width;
    else rare_.emplace(letter, width);
    return width;
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

bool is_blank(char32_t letter) {
    return letter == U' ' || (letter >= U'\t' && letter <= U'\r') || letter == 0x3000 ||
           (letter >= 0x2000 && letter <= 0x200a) || letter == 0x2028 || letter == 0x2029;
}

TextLayout::TextLayout(std::shared_ptr<const hsa::Dataset> dataset, float width)
    : dataset_(std::move(dataset)), width_(width) {}

void TextLayout::advance(const Canvas& canvas, TextFonts& fonts, std::size_t bytes) {
    if (complete()) return;
    const hsa::Dataset& dataset = *dataset_;
    const std::vector<hsa::Section>& sections = dataset.structure.sections;
    const std::uint64_t from = std::max(resume_, dataset.tokens[token_].begin);
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
        const bool cut = end - begin > bytes + bytes / 2;
        if (cut) {
            end = begin + bytes;
            while (end > begin &&
                   (static_cast<unsigned char>((*dataset.text)[end]) & 0xc0U) == 0x80U)
                --end;
        }
        break_paragraph(canvas, heading ? fonts.heading_widths : fonts.body_widths, begin, end,
                        heading);
        if (cut) {
            if (lines_.back().begin > begin) {
                resume_ = lines_.back().begin;
                lines_.pop_back();
            } else {
                resume_ = end;
            }
            const auto reached = std::lower_bound(
                dataset.tokens.begin() + static_cast<std::ptrdiff_t>(token_), dataset.tokens.end(),
                resume_,
                [](const hsa::Span& span, std::uint64_t byte) { return span.end <= byte; });
            reached_ = static_cast<std::size_t>(reached - dataset.tokens.begin());
            return;
        }
        resume_ = 0;
        token_ = last;
        reached_ = last;
        if (end - from >= bytes) return;
    }
}

void TextLayout::break_paragraph(const Canvas& canvas, LetterWidths& widths, std::uint64_t begin,
                                 std::uint64_t end, bool heading) {
    const std::string_view text(*dataset_->text);
    std::size_t line = begin;       // its first byte
    std::size_t ink_end = begin;    // behind its last letter
    std::size_t next = 0;           // where the next line could begin; 0 = nowhere yet
    std::size_t next_end = 0;       // and this one end
    float x = 0.0F, next_x = 0.0F;  // pen at the end and at `next`
    bool after_blank = false;
    for (std::size_t at = begin; at < end;) {
        const std::size_t here = at;
        const char32_t letter = next_letter(text, at);
        if (is_blank(letter)) {
            if (after_blank) continue;
            after_blank = true;
            x += widths.of(canvas, U' ');
            continue;
        }
        // Lines break after blanks, and before ideographs, which stand without blanks.
        if ((after_blank || (letter >= 0x2e80 && letter < 0xfe00)) && here > line) {
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
        ink_end = at;
    }
    if (ink_end > line) lines_.push_back({line, ink_end, heading});
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
