#pragma once

#include "app/render/canvas.h"
#include "app/views/map_layout.h"
#include "app/views/map_pixels.h"
#include "app/views/map_viewport.h"
#include "app/widgets/theme.h"
#include "engine/attention/picture.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace splatscope {

// One curve a strip: means of the rows (at the right) and columns (above) of one picture.
struct MapCurve {
    const hsa::Picture* picture = nullptr;
    Colour colour;
    std::string name;  // a letter: "A"; empty where there is one curve
};

// What the pointer is over: the pixel's row and column themselves, over the means.
struct HoveredPixel {
    std::size_t row = 0, column = 0;
};

// Profiles of a map: each row's mean over the shown columns at the right of the frame, each
// column's mean over the shown rows above it, times uniform, on a logarithmic axis of their own
// (`linear` colours: from 0). `step`: tokens a row of the factors; `tokens`: of the factors.
void draw_map_profiles(Canvas& canvas, const Theme& theme, const MapFrame& frame,
                       const ProfileStrips& strips, std::span<const MapCurve> curves, double step,
                       double tokens, const AttentionColours& colours,
                       const std::optional<HoveredPixel>& hovered);

// The axis of both strips: the least and largest mean, a decade at least (linear: from 0); with the
// range of the colours while a row is hovered, so that it does not jump from one to the next.
[[nodiscard]] Axis profile_axis(std::span<const MapCurve> curves, double tokens,
                                const AttentionColours& colours, bool hovered);

}  // namespace splatscope
