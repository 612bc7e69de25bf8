#include "app/views/timeline_layout.h"

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

constexpr float kLeft = 116.0F;
constexpr float kNarrowLeft = 84.0F;
constexpr float kRight = 24.0F;
constexpr float kCursor = 16.0F;     // the marker of the cycle shown, above the plot
constexpr float kLegend = 36.0F;     // words, and the marker below them
constexpr float kAxis = 22.0F;       // numbers below the plot
constexpr float kLeastLane = 15.0F;  // a name of small text
constexpr float kLeastCurve = 26.0F;
constexpr float kMostCurve = 72.0F;
constexpr float kTwoLines = 38.0F;
constexpr float kMostMark = 11.0F;
constexpr float kFlags = 18.0F;
constexpr float kCard = 308.0F;
constexpr float kWithCard = 660.0F;  // width from which the card is there
constexpr float kLeastCard = 84.0F;

}  // namespace

float TimelineLayout::dot_y(std::size_t level) const {
    return lane_y(level) + std::min(0.5F * mark_size + 4.0F, 0.5F * lane - 2.0F);
}

Rect TimelineLayout::curve(std::size_t index) const {
    const float height =
        (plot.max.y - lanes_end) / static_cast<float>(std::max<std::size_t>(curves, 1));
    const float top = lanes_end + height * static_cast<float>(index);
    return {{plot.min.x, top + 4.0F}, {plot.max.x, top + height}};
}

TimelineLayout timeline_layout(const Rect& bounds, std::size_t lanes, const TimelineParts& parts) {
    const auto count = static_cast<float>(std::max<std::size_t>(lanes, 1));
    TimelineLayout layout;
    const float left = bounds.width() >= 480.0F ? kLeft : kNarrowLeft;
    const float flags = parts.flags ? kFlags : 0.0F;
    float free = bounds.height() - kAxis - kCursor - flags;
    layout.legend = free - (kLegend - kCursor) >= count * kLeastLane + kLeastCurve;
    if (layout.legend) free -= kLegend - kCursor;
    const float room = std::max(free - count * kLeastLane, 0.0F);
    layout.curves =
        std::min(parts.curves, static_cast<std::size_t>(std::floor(room / kLeastCurve)));
    float curves = 0.0F;
    if (layout.curves == 1)
        curves = std::clamp(free - count * (kLeastLane + 6.0F), kLeastCurve,
                            std::clamp(0.28F * free, kLeastCurve, kMostCurve));
    else if (layout.curves > 1)
        curves = std::clamp(0.6F * free, static_cast<float>(layout.curves) * kLeastCurve, room);
    layout.curve_values =
        layout.curves > 0 && curves / static_cast<float>(layout.curves) >= kTwoLines;
    const float top = bounds.min.y + (layout.legend ? kLegend : kCursor) + flags;
    layout.flags_y = bounds.min.y + (layout.legend ? kLegend - kCursor : 0.0F) + 0.5F * kFlags;
    float right = bounds.max.x - kRight;
    if (parts.card && bounds.width() >= kWithCard && bounds.height() >= kLeastCard) {
        layout.card = {{bounds.max.x - kCard - 4.0F, bounds.min.y + 2.0F},
                       {bounds.max.x - 4.0F, bounds.max.y - 2.0F}};
        right = layout.card.min.x - kRight;
    }
    layout.plot = {{bounds.min.x + left, top},
                   {std::max(right, bounds.min.x + left + 40.0F), bounds.max.y - kAxis}};
    layout.lanes_end = std::max(layout.plot.max.y - curves, layout.plot.min.y);
    layout.lane = (layout.lanes_end - layout.plot.min.y) / count;
    layout.mark_size = std::clamp(layout.lane - 5.0F, 4.0F, kMostMark);
    return layout;
}

}  // namespace splatscope
