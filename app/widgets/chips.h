#pragma once

#include "app/render/canvas.h"
#include "app/widgets/theme.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace splatscope {

// A small button with a word: the choices of a view (levels, tints).
struct Chip {
    std::string label;
    Colour colour;  // of the word, and of the ground when chosen
    bool chosen = false;
};

inline constexpr float kChipHeight = 20.0F;
inline constexpr float kChipGap = 4.0F;

[[nodiscard]] float chip_width(const Canvas& canvas, std::string_view label);

// Where the chips stand when they run from the left of `place` and break into rows: one rectangle a
// chip, rows kChipHeight + kChipGap apart. Rows go beyond `place` where it is too low.
[[nodiscard]] std::vector<Rect> chip_places(const Canvas& canvas, std::span<const Chip> chips,
                                            Vec2 top_left, float width);
void draw_chip(Canvas& canvas, const Theme& theme, const Chip& chip, const Rect& place,
               bool under_pointer);

}  // namespace splatscope
