#pragma once

#include "app/render/canvas.h"
#include "app/render/visual_order.h"
#include "engine/model/dataset.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace splatscope {

// How far each letter of a font moves the pen; asked of the canvas once a letter. Knows, too, which
// of them are not shown as they should be.
class LetterWidths {
  public:
    void set(const TextStyle& style);  // forgets all widths when the style's font or size differs
    [[nodiscard]] float of(const Canvas& canvas, char32_t letter);
    // Names of the scripts among the letters asked so far whose signs change form or place by rules
    // that are not applied here: "Devanagari". Sorted.
    [[nodiscard]] const std::vector<std::string>& unshaped() const { return unshaped_; }
    // Letters asked so far that no font has.
    [[nodiscard]] bool is_missing(char32_t letter) const { return missing_.contains(letter); }

  private:
    void note(char32_t letter);

    TextStyle style_{};
    std::vector<float> common_;  // letters below kCommon; negative = not asked yet
    std::unordered_map<char32_t, float> rare_;
    std::vector<std::string> unshaped_;
    std::unordered_set<char32_t> missing_;
};

[[nodiscard]] bool is_blank(char32_t letter);
// Whether the blanks that begin at `at` are a line end between two ideographs (`before` is the
// letter before them): such a line end is no blank.
[[nodiscard]] bool joins_ideographs(char32_t before, std::string_view text, std::size_t at);

// One line on the screen: bytes [begin, end) of the text, blanks at its ends left out. An empty
// line parts paragraphs.
struct TextLine {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    bool heading = false;
    bool right_to_left = false;  // of a paragraph that is: it ends at the left, begins at the right
    std::uint16_t run_count = 0;  // 0: the letters stand as they are written
    std::uint32_t first_run = 0;
};

// The two fonts of a document and the letters measured so far.
struct TextFonts {
    TextStyle body, heading;
    LetterWidths body_widths, heading_widths;
};

// Where the lines of a document break at a given width: paragraphs flow but for lines that are kept
// (text_kept_lines.h), the headings of sections stand alone, an empty line between. Lines break at
// blanks; in scripts that do without, where ICU allows it. Built a piece at a time, so that a
// million words never hold up a frame; lines already built do not change.
class TextLayout {
  public:
    TextLayout() = default;
    TextLayout(std::shared_ptr<const hsa::Dataset> dataset, float width);

    // Breaks about `bytes` further bytes.
    void advance(const Canvas& canvas, TextFonts& fonts, std::size_t bytes);
    [[nodiscard]] bool complete() const { return !dataset_ || token_ >= dataset_->tokens.size(); }
    [[nodiscard]] const std::vector<TextLine>& lines() const { return lines_; }
    // The runs of a line from left to right, in bytes from its begin.
    [[nodiscard]] std::span<const VisualRun> runs(const TextLine& line) const {
        return std::span(runs_).subspan(line.first_run, line.run_count);
    }
    // The line of a token; nothing built beyond the last line counts as the last.
    [[nodiscard]] std::size_t line_of(std::size_t token) const;
    // True once the line of that token is built.
    [[nodiscard]] bool reaches(std::size_t token) const { return token < reached_; }
    // The first token that ends beyond the begin of a line.
    [[nodiscard]] std::size_t first_token(std::size_t line) const;
    [[nodiscard]] const std::shared_ptr<const hsa::Dataset>& dataset() const { return dataset_; }
    [[nodiscard]] float width() const { return width_; }

  private:
    // What one paragraph, or a piece of it, needs beyond breaking at blanks.
    struct Needs {
        bool order = false;   // has letters that may run right to left
        bool breaks = false;  // has letters of scripts without blanks
    };
    [[nodiscard]] static Needs needs_of(std::string_view text);
    void break_paragraph(const Canvas& canvas, LetterWidths& widths, std::uint64_t begin,
                         std::uint64_t end, bool heading, Needs needs);
    template <class Letters>
    void break_lines(const Canvas& canvas, LetterWidths& widths, Letters letters, bool heading,
                     std::span<const std::uint32_t> breaks, std::span<const std::uint32_t> kept);
    void order_lines(std::size_t first, std::uint64_t begin, std::uint64_t end);

    std::shared_ptr<const hsa::Dataset> dataset_;
    float width_ = 0.0F;
    std::size_t token_ = 0;     // first of the paragraph to build next
    std::size_t reached_ = 0;   // first token without a line
    std::size_t section_ = 0;   // of that token, or before it
    std::uint64_t resume_ = 0;  // byte inside a paragraph longer than a piece; 0 = at its begin
    std::size_t fence_ = 0;     // open there (text_kept_lines.h)
    std::vector<TextLine> lines_;
    std::vector<VisualRun> runs_;
};

}  // namespace splatscope
