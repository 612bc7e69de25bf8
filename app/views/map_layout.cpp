#include "app/views/map_layout.h"

#include "app/widgets/colour_bar.h"
#include "app/widgets/theme.h"

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

constexpr float kEdge = 8.0F;
constexpr float kBarHeight = 10.0F;
constexpr float kBarStrip = 34.0F;   // the bar, its labels and the space below
constexpr float kBarWidth = 260.0F;  // where there is room
constexpr float kBarLeast = 80.0F;
constexpr float kHalfLabel = 12.0F;  // the first label stands around the bar's left end

float left_margin(float width) { return width >= 480.0F ? 90.0F : width >= 340.0F ? 64.0F : 48.0F; }
float lower_margin(float height) { return height >= 400.0F ? 44.0F : 26.0F; }

// Narrowest width at which the chips take no more than two rows.
float width_in_two_rows(const Canvas& canvas, std::span<const Chip> chips) {
    float all = 0.0F, widest = 0.0F;
    for (const Chip& chip : chips) {
        const float width = chip_width(canvas, chip.label);
        all += width + kChipGap;
        widest = std::max(widest, width);
    }
    float width = std::max(widest, 0.5F * all);
    while (width < all) {
        const std::vector<Rect> places = chip_places(canvas, chips, {0, 0}, width);
        if (places.back().max.y <= 2.0F * kChipHeight + kChipGap + 0.5F) break;
        width += 4.0F;
    }
    return width;
}

MapLayout layout_below(const Canvas& canvas, std::span<const Chip> chips, std::string_view caption,
                       const MapViewport& viewport) {
    const Rect bounds = canvas.bounds();
    const float bottom = bounds.max.y - 8.0F;
    const float words = canvas.text_size(caption, {{}, Font::text, kSmallTextSize}).x + 16.0F;
    const float panel = bounds.width() - 2.0F * kEdge;
    const bool with_bar = bounds.height() >= 180.0F && panel - kHalfLabel >= kBarLeast;
    float chips_width = 0.0F, chips_height = 0.0F;
    if (bounds.height() >= 260.0F && !chips.empty()) {
        chips_width = width_in_two_rows(canvas, chips);
        if (chips_width + kBarLeast + 60.0F > panel) chips_width = 0.0F;
        else chips_height = chip_places(canvas, chips, {0, 0}, chips_width).back().max.y;
    }

    MapLayout layout;
    layout.below = lower_margin(bounds.height());
    const float strip = std::max(with_bar ? kBarStrip : 0.0F, chips_height);
    layout.space = {{bounds.min.x + left_margin(bounds.width()), bounds.min.y + kEdge},
                    {bounds.max.x - kEdge, bottom - strip - layout.below}};
    layout.space.max.x = std::max(layout.space.max.x, layout.space.min.x + 16.0F);
    layout.space.max.y = std::max(layout.space.max.y, layout.space.min.y + 16.0F);
    layout.frame = frame_in(layout.space, viewport);

    // Bar at the left, chips at the right: of the frame where they fit below it, else of the panel.
    const float chips_part = chips_width > 0.0F ? chips_width + 16.0F : 0.0F;
    const float needed = kHalfLabel + kBarWidth + words + chips_part;
    const bool below_frame = layout.frame.width() >= needed;
    const bool from_frame = bounds.max.x - kEdge - layout.frame.min.x >= needed;
    const float begin = from_frame ? layout.frame.min.x - kHalfLabel : bounds.min.x + kEdge;
    const float end = below_frame ? layout.frame.max.x : bounds.max.x - kEdge;
    if (chips_width > 0.0F)
        layout.chips =
            chip_places(canvas, chips, {end - chips_width, bottom - chips_height}, chips_width);
    if (with_bar) {
        const float free = end - begin - kHalfLabel - chips_part;
        layout.caption = free - words >= 180.0F;
        const float width = std::min(layout.caption ? free - words : free - kHalfLabel, kBarWidth);
        const Vec2 at{begin + kHalfLabel, bottom - kBarStrip + 6.0F};
        layout.bar = Rect{at, {at.x + std::round(width), at.y + kBarHeight}};
    }
    return layout;
}

// Caption and bar from the top of the frame, the chips in a column below them.
std::optional<MapLayout> layout_beside(const Canvas& canvas, std::span<const Chip> chips,
                                       std::string_view caption, const MapViewport& viewport) {
    constexpr float kLeastCaption = 40.0F;
    constexpr float kLeastUpright = 90.0F;
    constexpr float kMostUpright = 320.0F;
    constexpr float kSwatches = 30.0F;
    const Rect bounds = canvas.bounds();
    const float above =
        std::max(kLeastCaption, upright_caption_height(canvas, caption, kBesideWidth - 20.0F));
    MapLayout layout;
    layout.beside = layout.caption = true;
    layout.below = lower_margin(bounds.height());
    layout.space = {{bounds.min.x + left_margin(bounds.width()), bounds.min.y + kEdge},
                    {bounds.max.x - kBesideWidth - kEdge, bounds.max.y - kEdge - layout.below}};
    const auto count = static_cast<float>(chips.size());
    const float column = count * (kChipHeight + kChipGap);
    const float upright =
        std::min(layout.space.height() - above - column - kSwatches, kMostUpright);
    if (upright < kLeastUpright || layout.space.width() < 120.0F) return std::nullopt;
    layout.frame = frame_in(layout.space, viewport);
    const Vec2 at{layout.frame.max.x + 20.0F, layout.frame.min.y + above};
    layout.bar = Rect{at, {at.x + kBarHeight + 2.0F, at.y + std::round(upright)}};
    float y = layout.bar->max.y + kSwatches;
    for (const Chip& chip : chips) {
        const float wide = std::min(chip_width(canvas, chip.label), kBesideWidth - 24.0F);
        layout.chips.push_back({{at.x - 8.0F, y}, {at.x - 8.0F + wide, y + kChipHeight}});
        y += kChipHeight + kChipGap;
    }
    return layout;
}

}  // namespace

MapLayout map_layout(const Canvas& canvas, std::span<const Chip> chips, std::string_view caption,
                     const MapViewport& viewport) {
    MapLayout below = layout_below(canvas, chips, caption, viewport);
    const std::optional<MapLayout> beside = layout_beside(canvas, chips, caption, viewport);
    if (beside &&
        beside->frame.width() * beside->frame.height() > below.frame.width() * below.frame.height())
        return *beside;
    return below;
}

}  // namespace splatscope
