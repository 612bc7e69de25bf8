#pragma once

#include "app/render/canvas.h"

#include <cstddef>
#include <optional>

namespace splatscope {

// How things are told apart: by a colour and, where it stands for a level or a class, by a shape as
// well, so that nothing is said by colour alone.
struct Sign {
    Sign(Colour its_colour) : colour(its_colour) {}  // NOLINT(google-explicit-constructor)
    Sign(Colour its_colour, Marker its_shape) : colour(its_colour), shape(its_shape) {}

    Colour colour;
    std::optional<Marker> shape;
};

// The shape of a level, finest first, the same in every view; a ring beyond the colours there are.
[[nodiscard]] Marker level_shape(std::size_t level);
// With its colour (widgets/theme.h).
[[nodiscard]] Sign level_sign(std::size_t level);
[[nodiscard]] Sign background_splat_sign();
// Of one of many classes: colours and shapes repeat after different counts, so that 56 in a row
// differ, neighbours in both.
[[nodiscard]] Sign class_sign(std::size_t index);

// The shape, or a square with round corners, as high as `size`.
void draw_sign(Canvas& canvas, Vec2 centre, const Sign& sign, float size);
// The same with an edge of `ground` around it, to be read on any picture.
void draw_edged_sign(Canvas& canvas, Vec2 centre, const Sign& sign, float size, Colour ground);

}  // namespace splatscope
