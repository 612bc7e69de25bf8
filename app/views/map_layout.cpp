#include "app/views/map_layout.h"

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

constexpr float kEdge = 12.0F;
constexpr float kBarHeight = 10.0F;
constexpr float kBarStrip = 34.0F;  // the bar, its labels and the space below

float left_margin(float width) { return width >= 480.0F ? 92.0F : width >= 340.0F ? 64.0F : 48.0F; }
float lower_margin(float height) { return height >= 400.0F ? 44.0F : 26.0F; }

// Narrowest width at which the chips take no more than two rows.
float chips_width(const Canvas& canvas, std::span<const Chip> chips) {
    std::vector<float> widths;
    float all = 0.0F, widest = 0.0F;
    for (const Chip& chip : chips) {
        widths.push_back(chip_width(canvas, chip.label));
        all += widths.back() + kChipGap;
        widest = std::max(widest, widths.back());
    }
    float width = std::max(widest, 0.5F * all);
    while (width < all) {
        const std::vector<Rect> places = chip_places(canvas, chips, {0, 0}, width);
        if (places.back().max.y <= 2.0F * kChipHeight + kChipGap + 0.5F) break;
        width += 4.0F;
    }
    return width;
}

}  // namespace

MapLayout map_layout(const Canvas& canvas, std::span<const Chip> chips, std::string_view caption) {
    const Rect bounds = canvas.bounds();
    MapLayout layout;
    const float left = left_margin(bounds.width());
    layout.below = lower_margin(bounds.height());
    float bottom = bounds.max.y - 4.0F;
    float right = bounds.max.x - kEdge;  // of what is still free beside the bar
    if (bounds.height() >= 260.0F && !chips.empty()) {
        const float wanted = chips_width(canvas, chips);
        if (wanted + 140.0F <= bounds.width() - 2.0F * kEdge) {
            const float x = bounds.max.x - kEdge - wanted;
            layout.chips = chip_places(canvas, chips, {x, 0.0F}, wanted);
            const float high = layout.chips.back().max.y;
            for (Rect& chip : layout.chips) {
                chip.min.y += bottom - 4.0F - high;
                chip.max.y += bottom - 4.0F - high;
            }
            right = x - 16.0F;
        }
    }
    if (bounds.height() >= 180.0F) {
        const TextStyle style{{}, Font::text, kSmallTextSize};
        const float x = bounds.min.x + kEdge + 12.0F;  // half of the first label stands before it
        const float free = right - x;
        const float words = canvas.text_size(caption, style).x + 16.0F;
        layout.caption = free - words >= 180.0F;
        const float width = std::min(layout.caption ? free - words : free - 12.0F, 260.0F);
        if (width >= 80.0F) {
            const float y = bottom - kBarStrip + 2.0F;
            layout.bar = Rect{{x, y}, {x + std::round(width), y + kBarHeight}};
        }
    }
    if (layout.bar) bottom = layout.bar->min.y - 4.0F;
    if (!layout.chips.empty()) bottom = std::min(bottom, layout.chips.front().min.y - 4.0F);
    layout.space = {{bounds.min.x + left, bounds.min.y + kEdge},
                    {bounds.max.x - kEdge, bottom - layout.below}};
    layout.space.max.x = std::max(layout.space.max.x, layout.space.min.x + 16.0F);
    layout.space.max.y = std::max(layout.space.max.y, layout.space.min.y + 16.0F);
    return layout;
}

}  // namespace splatscope
