#include "app/views/map_paint.h"

namespace splatscope {

std::shared_ptr<const hsa::Picture> MapPaint::read(const HeldMap& held, const MapScene& scene) {
    return compared_.get(scene.mode(), scene.blink.second, held.first(), held.second);
}

AttentionColours MapPaint::colours(const MapDesk& desk, const Theme& theme, const MapScene& scene,
                                   const std::optional<HeldMap>& shown, double tokens) {
    if (!shown) return pixels_.colours(desk, theme, nullptr, tokens);
    AttentionColours found = pixels_.colours(desk, theme, shown->first(), shown->rows);
    if (!scene.shows_ratio(*shown)) return found;
    const auto ratio = read(*shown, scene);
    if (reach_of_ != ratio) {
        reach_of_ = ratio;
        reach_ = ratio_reach(*ratio);
    }
    found.map = ColourMapName::puor;
    found.invert = found.linear = false;
    found.tokens = 1.0;
    found.high = reach_;
    found.low = -reach_;
    return found;
}

const ColouredPicture& MapPaint::coloured(const HeldMap& held, const MapScene& scene,
                                          const AttentionColours& colours) {
    AttentionColours own = colours;
    own.tokens = scene.shows_ratio(held) ? 1.0 : held.rows;
    return pixels_.get(read(held, scene), own);
}

Image MapPaint::image(const HeldMap& held, const MapScene& scene, const AttentionColours& colours) {
    if (!scene.mixes(held)) return coloured(held, scene, colours).image;
    AttentionColours own = colours;
    own.tokens = held.rows;
    return mixes_.get(scene.channels, held.pictures, own);
}

void MapPaint::draw(Canvas& canvas, const HeldMap& held, const MapScene& scene,
                    const AttentionColours& colours) {
    const hsa::Picture& picture = *held.first();
    const MapFrame& frame = scene.frame;
    const auto at = [&](std::size_t edge) { return static_cast<double>(edge) * held.step; };
    const Rect place{
        {frame.x(at(picture.column_edges.front())), frame.y(at(picture.row_edges.front()))},
        {frame.x(at(picture.column_edges.back())), frame.y(at(picture.row_edges.back()))}};
    constexpr float kLargest = 30000.0F;  // beyond, a pixel of the picture covers the whole frame
    if (!place.overlaps(frame.place) || place.width() > kLargest || place.height() > kLargest)
        return;
    canvas.image(image(held, scene, colours), place);
}

}  // namespace splatscope
