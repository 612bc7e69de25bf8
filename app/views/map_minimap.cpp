#include "app/views/map_minimap.h"

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

constexpr float kFromEdge = 8.0F;
constexpr float kLeastFrame = 320.0F;
constexpr float kLeastMark = 4.0F;  // pixels of what is shown, however little it is

}  // namespace

std::optional<Rect> minimap_place(const MapFrame& frame, std::size_t tokens) {
    if (std::min(frame.place.width(), frame.place.height()) < kLeastFrame ||
        frame.viewport.is_whole(tokens))
        return std::nullopt;
    // The upper right corner, unless the diagonal passes there.
    const bool upper = frame.viewport.rows.begin <= frame.viewport.columns.begin;
    const Rect& place = frame.place;
    const float x = place.max.x - kFromEdge - kMinimap;
    const float y = upper ? place.min.y + kFromEdge : place.max.y - kFromEdge - kMinimap;
    return Rect{{x, y}, {x + kMinimap, y + kMinimap}};
}

hsa::PictureRequest minimap_request(std::size_t rows, float scale) {
    hsa::PictureRequest request;
    request.rows = request.columns = {0, rows};
    request.height = request.width =
        std::min(rows, static_cast<std::size_t>(std::max(1.0F, std::round(kMinimap * scale))));
    return request;
}

MapViewport minimap_viewport(const MapViewport& shown, const Rect& place, Vec2 at,
                             std::size_t tokens) {
    const auto n = static_cast<double>(tokens);
    const auto x = static_cast<double>((at.x - place.min.x) / place.width()) * n;
    const auto y = static_cast<double>((at.y - place.min.y) / place.height()) * n;
    return shown.panned(x - 0.5 * (shown.columns.begin + shown.columns.end),
                        y - 0.5 * (shown.rows.begin + shown.rows.end), tokens);
}

void draw_minimap(Canvas& canvas, const Theme& theme, const Rect& place, const Image* image,
                  const MapViewport& shown, std::size_t tokens) {
    canvas.rect(
        {{place.min.x - 3.0F, place.min.y - 3.0F}, {place.max.x + 3.0F, place.max.y + 3.0F}},
        theme.panel, 3.0F);
    canvas.rect(place, theme.background);
    if (image != nullptr) canvas.image(*image, place);
    const auto n = static_cast<double>(tokens);
    const auto ends = [&](const VisibleTokens& range, float from, float size) {
        float low = from + static_cast<float>(range.begin / n) * size;
        float high = from + static_cast<float>(range.end / n) * size;
        if (high - low < kLeastMark) {
            const float centre = std::clamp(0.5F * (low + high), from + 0.5F * kLeastMark,
                                            from + size - 0.5F * kLeastMark);
            low = centre - 0.5F * kLeastMark;
            high = centre + 0.5F * kLeastMark;
        }
        return Vec2{low, high};
    };
    const Vec2 across = ends(shown.columns, place.min.x, place.width());
    const Vec2 down = ends(shown.rows, place.min.y, place.height());
    const Rect mark{{across.x, down.x}, {across.y, down.y}};
    canvas.rect_outline(mark, theme.background, 3.0F);
    canvas.rect_outline(mark, Colour{0xff, 0xff, 0xff}, 1.5F);
    canvas.rect_outline(place, theme.lines);
}

}  // namespace splatscope
