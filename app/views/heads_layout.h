#pragma once

#include "app/render/canvas.h"

#include <cstddef>

namespace splatscope {

// Where the thumbnails of a grid of heads stand: a row a layer, a column a head.
struct HeadsLayout {
    Rect place;             // of all cells
    float side = 0.0F;      // of a thumbnail
    float width = 0.0F;     // of a cell ...
    float height = 0.0F;    // ... with what stands below its thumbnail
    bool bars = false;      // room for the three bars below
    bool words = false;     // and for a line of words below these
    std::size_t heads = 0;  // of a layer

    [[nodiscard]] Rect thumbnail(std::size_t layer, std::size_t head) const {
        const Vec2 corner = {place.min.x + width * static_cast<float>(head) + 0.5F * (width - side),
                             place.min.y + height * static_cast<float>(layer)};
        return {corner, {corner.x + side, corner.y + side}};
    }
};

inline constexpr float kHeadBars = 14.0F;   // height of the three bars
inline constexpr float kHeadWords = 16.0F;  // of the line of words

// Squares as large as the place allows.
[[nodiscard]] HeadsLayout heads_layout(const Rect& place, std::size_t layers, std::size_t heads);

}  // namespace splatscope
