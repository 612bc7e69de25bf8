#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splatscope {

// How the letters of a text run: by the rules of Unicode (UAX #9), with the first strong letter
// giving the direction of the whole, or all one way whatever they are: a piece of a line whose
// order is known.
enum class Direction : std::uint8_t { by_letters, left_to_right, right_to_left };

// One letter as a font draws it, and the bytes of the text that it stands for: those of two letters
// where an Arabic lam and alef are one sign.
struct VisualLetter {
    char32_t letter = 0;
    std::uint32_t begin = 0, end = 0;
    bool operator==(const VisualLetter&) const = default;
};

// Bytes [begin, end) of a text that run one way.
struct VisualRun {
    std::uint32_t begin = 0, end = 0;
    bool right_to_left = false;
    bool operator==(const VisualRun&) const = default;
};

// Whether any letter or sign of the text may stand right to left; where none does, a text is drawn
// as it is written. A scan of bytes.
[[nodiscard]] bool may_run_right_to_left(std::string_view text);
// The direction of a paragraph: that of its first strong letter; left to right where it has none.
[[nodiscard]] bool starts_right_to_left(std::string_view text);

// The letters of a text in the order it is written, Arabic ones in the form that joins them to
// their neighbours (ICU's u_shapeArabic, lam and alef as one), signs that only steer the order left
// out. What is no UTF-8 becomes U+FFFD, a byte at a time.
[[nodiscard]] std::vector<VisualLetter> shaped_letters(std::string_view text);

// The runs of every line of a paragraph, from left to right as they stand on the screen (ICU's
// ubidi). Lines are bytes of `paragraph` in order; blanks and line ends in it count as blanks.
[[nodiscard]] std::vector<std::vector<VisualRun>> runs_of_lines(
    std::string_view paragraph, bool right_to_left, const std::vector<VisualRun>& lines);

// The letters of one run from left to right: shaped, mirrored where they run right to left.
// `shaped` are letters of the text in the order it is written, sorted by `begin`.
[[nodiscard]] std::vector<VisualLetter> letters_of_run(const std::vector<VisualLetter>& shaped,
                                                       const VisualRun& run);

// Whether a text is drawn otherwise than as it is written.
[[nodiscard]] inline bool needs_order(std::string_view text, Direction direction) {
    return direction == Direction::right_to_left || may_run_right_to_left(text);
}
// A whole text of one line from left to right.
[[nodiscard]] std::vector<VisualLetter> visual_letters(std::string_view text,
                                                       Direction direction = Direction::by_letters);
// The same as UTF-8, line by line: what a font that knows no directions has to draw.
[[nodiscard]] std::string visual_words(std::string_view text,
                                       Direction direction = Direction::by_letters);
void append_letter(std::string& text, char32_t letter);
// The next letter of valid UTF-8; moves `at` behind it.
[[nodiscard]] char32_t next_letter(std::string_view text, std::size_t& at);

}  // namespace splatscope
