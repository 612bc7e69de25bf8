#pragma once

#include "app/render/canvas.h"
#include "app/views/map_viewport.h"
#include "app/widgets/theme.h"
#include "engine/model/dataset.h"
#include "engine/model/selection.h"

#include <cstdint>
#include <span>
#include <vector>

namespace splatscope {

// Below this many pixels a token its word has no place on an axis.
inline constexpr double kWordPixels = 11.0;

// Labels to the left of the frame and below it, inside `left` pixels and `below` pixels: words when
// tokens are at least kWordPixels wide, else titles of the sections in view (or the starts that
// labels of neighbouring rows share) when there are two or more, else token positions. Parts that
// have no room for their names below the columns are numbered on both axes. Fewer labels where they
// would overlap. Thin marks at the borders of sections; lines of the colour `across` in the frame
// too.
void draw_map_axes(Canvas& canvas, const Theme& theme, const MapFrame& frame,
                   const hsa::Dataset& dataset, Colour across, float left, float below);

// Tokens with a mark beside the rows and below the columns, sorted.
struct LitAxes {
    std::vector<std::uint32_t> rows, columns;
};
// Beside both axes, in the 6 px next to the frame: bands of selected tokens, marks of lit ones.
void draw_axis_marks(Canvas& canvas, const Theme& theme, const MapFrame& frame,
                     std::span<const hsa::Range> selected, const LitAxes& lit);

}  // namespace splatscope
