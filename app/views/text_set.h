#pragma once

#include "app/render/canvas.h"
#include "app/views/text_layout.h"
#include "engine/model/dataset.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace splatscope {

inline constexpr std::size_t kNoToken = std::numeric_limits<std::size_t>::max();

// Letters of a token that stand side by side on one line.
struct Piece {
    std::size_t token = 0;
    float begin = 0.0F, end = 0.0F;                  // x
    std::size_t letters_begin = 0, letters_end = 0;  // in the line's text; not of a line with runs
    // The tokens on either side of the blank between this piece and the next, as the text is
    // written; kNoToken where there is none.
    std::size_t gap_before = kNoToken, gap_after = kNoToken;
};

// A letter of a line that has runs.
struct SetLetter {
    VisualLetter drawn;  // bytes of the line's text
    float begin = 0.0F, end = 0.0F;
    std::size_t token = kNoToken;
    std::uint32_t run = 0;  // counted from the left
    bool right_to_left = false;
};

// A line with the place of each token on it.
struct SetLine {
    std::string text;                // blanks folded, in the order it is written
    std::vector<Piece> pieces;       // from left to right
    std::vector<SetLetter> letters;  // of a line with runs, from left to right
};

// A line whose letters stand as they are written, from `x` on. `token` is one at or before the
// first on it.
[[nodiscard]] SetLine set_line(const Canvas& canvas, const hsa::Dataset& dataset,
                               const TextLine& line, std::size_t token, LetterWidths& widths,
                               float x);
// A line with runs: from `left` on, or up to `right` where its paragraph runs right to left.
[[nodiscard]] SetLine set_runs(const Canvas& canvas, const hsa::Dataset& dataset,
                               const TextLine& line, std::span<const VisualRun> runs,
                               std::size_t token, LetterWidths& widths, float left, float right);
// What letters [first, last) of one run stand for, as it is written, to be drawn in its direction.
// Where that cuts a word whose letters are joined, their joined forms.
[[nodiscard]] std::string text_of(const SetLine& line, std::size_t first, std::size_t last);

}  // namespace splatscope
