#include "app/views/heads_layout.h"

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

constexpr float kGap = 6.0F;
constexpr float kBarsFrom = 40.0F;   // side of a thumbnail from which bars fit below
constexpr float kWordsFrom = 72.0F;  // and words

}  // namespace

HeadsLayout heads_layout(const Rect& place, std::size_t layers, std::size_t heads) {
    HeadsLayout layout;
    layout.heads = heads;
    const float columns = static_cast<float>(std::max<std::size_t>(heads, 1));
    const float rows = static_cast<float>(std::max<std::size_t>(layers, 1));
    // Less and less below the thumbnails until they are large enough for what stands there.
    for (int below = 2; below >= 0; --below) {
        layout.bars = below >= 1;
        layout.words = below >= 2;
        const float extra = (layout.bars ? kHeadBars : 0.0F) + (layout.words ? kHeadWords : 0.0F);
        layout.side = std::floor(
            std::min(place.width() / columns - kGap, place.height() / rows - kGap - extra));
        if (below == 0 || layout.side >= (layout.words ? kWordsFrom : kBarsFrom)) {
            layout.side = std::max(layout.side, 4.0F);
            layout.height = layout.side + kGap + extra;
            break;
        }
    }
    // Cells spread over the width, but no farther apart than a thumbnail's third.
    layout.width = std::min(place.width() / columns, 1.33F * layout.side + kGap);
    const float left = place.min.x + 0.5F * (place.width() - columns * layout.width);
    layout.place = {{left, place.min.y},
                    {left + columns * layout.width, place.min.y + rows * layout.height}};
    return layout;
}

}  // namespace splatscope
