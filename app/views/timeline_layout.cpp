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

}  // namespace

float TimelineLayout::dot_y(std::size_t level) const {
    return lane_y(level) + std::min(0.5F * mark_size + 4.0F, 0.5F * lane - 2.0F);
}

TimelineLayout timeline_layout(const Rect& bounds, std::size_t levels) {
    const auto count = static_cast<float>(std::max<std::size_t>(levels, 1));
    TimelineLayout layout;
    const float left = bounds.width() >= 480.0F ? kLeft : kNarrowLeft;
    float free = bounds.height() - kAxis - kCursor;
    layout.legend = free - (kLegend - kCursor) >= count * kLeastLane + kLeastCurve;
    if (layout.legend) free -= kLegend - kCursor;
    layout.curve = free >= count * kLeastLane + kLeastCurve;
    const float curve = layout.curve ? std::clamp(free - count * (kLeastLane + 6.0F), kLeastCurve,
                                                  std::clamp(0.28F * free, kLeastCurve, kMostCurve))
                                     : 0.0F;
    layout.curve_values = curve >= kTwoLines;
    layout.plot = {
        {bounds.min.x + left, bounds.min.y + (layout.legend ? kLegend : kCursor)},
        {std::max(bounds.max.x - kRight, bounds.min.x + left + 40.0F), bounds.max.y - kAxis}};
    layout.lanes_end = std::max(layout.plot.max.y - curve, layout.plot.min.y);
    layout.lane = (layout.lanes_end - layout.plot.min.y) / count;
    layout.mark_size = std::clamp(layout.lane - 5.0F, 4.0F, kMostMark);
    return layout;
}

}  // namespace splatscope
