#pragma once

#include "app/render/canvas.h"

#include <cstddef>
#include <cstdint>

namespace splatscope {

// What the sheet that composes pictures begins with; how large in pixels, 0 = the view's usual
// size.
enum class PictureUnit : std::uint8_t { pixels, mm };
struct PictureDesk {
    PictureFormat format = PictureFormat::png;
    PictureUnit unit = PictureUnit::pixels;
    std::size_t width = 0, height = 0;
    double width_mm = 120.0, height_mm = 80.0;
    std::size_t dpi = 300;
    std::size_t finer = 1;  // pixels of the picture a pixel of the layout
    Ground background = Ground::theme;
    Parts without;
    bool operator==(const PictureDesk&) const = default;
};

}  // namespace splatscope
