#pragma once

#include "app/render/canvas.h"
#include "app/widgets/axis.h"
#include "app/widgets/colour_map.h"
#include "app/widgets/theme.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace splatscope {

// The 256 colours of a map as RGBA8 pixels (red first in memory): what pixels and bars are made of.
using ColourTable = std::array<std::uint32_t, 256>;
[[nodiscard]] ColourTable colour_table(ColourMapName map);
[[nodiscard]] constexpr std::uint32_t pixel_of(Colour c) {
    return static_cast<std::uint32_t>(c.r) | static_cast<std::uint32_t>(c.g) << 8U |
           static_cast<std::uint32_t>(c.b) << 16U | static_cast<std::uint32_t>(c.a) << 24U;
}
[[nodiscard]] constexpr Colour colour_of_pixel(std::uint32_t pixel) {
    return {static_cast<std::uint8_t>(pixel), static_cast<std::uint8_t>(pixel >> 8U),
            static_cast<std::uint8_t>(pixel >> 16U), static_cast<std::uint8_t>(pixel >> 24U)};
}

// A horizontal bar, unless the picture leaves bars out: the table itself as an image of 256 x 1
// pixels over `bar`, marks and labels of `axis` below it (low at the left), `caption` to its right
// where there is room. Needs about 18 px below `bar`.
void draw_colour_bar(Canvas& canvas, const Theme& theme, const Rect& bar, const ColourTable& table,
                     const Axis& axis, std::string_view caption = {});

// The same upright: low at the bottom, marks and labels at the right, `caption` above in as many
// lines as it needs within `room` pixels.
void draw_upright_colour_bar(Canvas& canvas, const Theme& theme, const Rect& bar,
                             const ColourTable& table, const Axis& axis, std::string_view caption,
                             float room);
// Pixels that the caption needs above the bar.
[[nodiscard]] float upright_caption_height(const Canvas& canvas, std::string_view caption,
                                           float room);

}  // namespace splatscope
