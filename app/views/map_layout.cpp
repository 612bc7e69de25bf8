#include "app/views/map_layout.h"

#include "app/views/map_channels.h"
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
constexpr float kListWidth = 250.0F;
constexpr float kListBelow = 132.0F;  // high, where there is no room at the right
constexpr float kStripGap = 6.0F;     // between frame and profiles
constexpr float kHalfLabel = 12.0F;   // the first label stands around the bar's left end

float left_margin(const Canvas& canvas) {
    if (!canvas.shows(Part::axes)) return kEdge;
    const float width = canvas.bounds().width();
    return width >= 480.0F ? 90.0F : width >= 340.0F ? 64.0F : 48.0F;
}
float lower_margin(const Canvas& canvas) {
    if (!canvas.shows(Part::axes)) return 0.0F;
    return canvas.bounds().height() >= 400.0F ? 44.0F : 26.0F;
}

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

// Takes room for the profiles from the space of the frame, which it then places; none where the
// frame would be small.
void place_frame(MapLayout& layout, const MapViewport& viewport, bool profiles) {
    layout.frame = frame_in(layout.space, viewport);
    if (!profiles) return;
    constexpr float kLeastFrame = 150.0F;
    const float side = std::min(layout.space.width(), layout.space.height());
    const float strip = std::clamp(std::round(0.13F * side), 36.0F, 64.0F);
    Rect room = layout.space;
    room.min.y += strip + kStripGap;
    room.max.x -= strip + kStripGap;
    if (std::min(room.width(), room.height()) < kLeastFrame) return;
    layout.frame = frame_in(room, viewport);
    const Rect& frame = layout.frame;
    layout.profiles = ProfileStrips{
        {{frame.min.x, frame.min.y - kStripGap - strip}, {frame.max.x, frame.min.y - kStripGap}},
        {{frame.max.x + kStripGap, frame.min.y}, {frame.max.x + kStripGap + strip, frame.max.y}}};
}

MapLayout layout_below(const Canvas& canvas, const Rect& bounds, std::span<const Chip> chips,
                       std::string_view caption, const MapViewport& viewport,
                       const MapParts& parts) {
    const float bottom = bounds.max.y - 8.0F;
    const float words = canvas.text_size(caption, {{}, Font::text, kSmallTextSize}).x + 16.0F;
    const float panel = bounds.width() - 2.0F * kEdge;
    const bool with_bar =
        canvas.shows(Part::bar) && bounds.height() >= 180.0F && panel - kHalfLabel >= kBarLeast;
    float chips_width = 0.0F, chips_height = 0.0F;
    if (bounds.height() >= 260.0F && !chips.empty()) {
        chips_width = width_in_two_rows(canvas, chips);
        if (chips_width + kBarLeast + 60.0F > panel) chips_width = 0.0F;
        else chips_height = chip_places(canvas, chips, {0, 0}, chips_width).back().max.y;
    }

    MapLayout layout;
    layout.below = lower_margin(canvas);
    const bool discs = parts.discs && bounds.height() >= 300.0F && panel >= 420.0F;
    const float strip =
        std::max({with_bar ? kBarStrip : 0.0F, chips_height, discs ? kDiscs + 4.0F : 0.0F});
    layout.space = {{bounds.min.x + left_margin(canvas), bounds.min.y + kEdge},
                    {bounds.max.x - kEdge, bottom - strip - layout.below}};
    layout.space.max.x = std::max(layout.space.max.x, layout.space.min.x + 16.0F);
    layout.space.max.y = std::max(layout.space.max.y, layout.space.min.y + 16.0F);
    place_frame(layout, viewport, parts.profiles);

    // Bar at the left, chips at the right: of the frame where they fit below it, else of the panel.
    const float chips_part =
        (chips_width > 0.0F ? chips_width + 16.0F : 0.0F) + (discs ? kDiscs + 16.0F : 0.0F);
    const float needed = kHalfLabel + kBarWidth + words + chips_part;
    const bool below_frame = layout.frame.width() >= needed;
    const bool from_frame = bounds.max.x - kEdge - layout.frame.min.x >= needed;
    const float begin = from_frame ? layout.frame.min.x - kHalfLabel : bounds.min.x + kEdge;
    const float end = below_frame ? layout.frame.max.x : bounds.max.x - kEdge;
    if (chips_width > 0.0F)
        layout.chips =
            chip_places(canvas, chips, {end - chips_width, bottom - chips_height}, chips_width);
    if (discs) {
        const float right = end - (chips_width > 0.0F ? chips_width + 16.0F : 0.0F);
        layout.discs = Rect{{right - kDiscs, bottom - kDiscs}, {right, bottom}};
    }
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
std::optional<MapLayout> layout_beside(const Canvas& canvas, const Rect& bounds,
                                       std::span<const Chip> chips, std::string_view caption,
                                       const MapViewport& viewport, const MapParts& parts) {
    constexpr float kLeastCaption = 40.0F;
    constexpr float kLeastUpright = 90.0F;
    constexpr float kMostUpright = 320.0F;
    constexpr float kSwatches = 30.0F;
    if (!canvas.shows(Part::bar)) return std::nullopt;
    const float above =
        std::max(kLeastCaption, upright_caption_height(canvas, caption, kBesideWidth - 20.0F));
    MapLayout layout;
    layout.beside = layout.caption = true;
    layout.below = lower_margin(canvas);
    layout.space = {{bounds.min.x + left_margin(canvas), bounds.min.y + kEdge},
                    {bounds.max.x - kBesideWidth - kEdge, bounds.max.y - kEdge - layout.below}};
    const auto count = static_cast<float>(chips.size());
    const float column = count * (kChipHeight + kChipGap) + (parts.discs ? kDiscs + 8.0F : 0.0F);
    const float upright =
        std::min(layout.space.height() - above - column - kSwatches, kMostUpright);
    if (upright < kLeastUpright || layout.space.width() < 120.0F) return std::nullopt;
    place_frame(layout, viewport, parts.profiles);
    const Rect all = layout.profiles ? Rect{{layout.frame.min.x, layout.profiles->above.min.y},
                                            {layout.profiles->right.max.x, layout.frame.max.y}}
                                     : layout.frame;
    const Vec2 at{all.max.x + 20.0F, all.min.y + above};
    layout.bar = Rect{at, {at.x + kBarHeight + 2.0F, at.y + std::round(upright)}};
    float y = layout.bar->max.y + kSwatches;
    for (const Chip& chip : chips) {
        const float wide = std::min(chip_width(canvas, chip.label), kBesideWidth - 24.0F);
        layout.chips.push_back({{at.x - 8.0F, y}, {at.x - 8.0F + wide, y + kChipHeight}});
        y += kChipHeight + kChipGap;
    }
    if (parts.discs)
        layout.discs = Rect{{at.x - 8.0F, y + 4.0F}, {at.x - 8.0F + kDiscs, y + 4.0F + kDiscs}};
    return layout;
}

// The place of the list, taken from the bounds.
std::optional<Rect> take_list(Rect& bounds) {
    constexpr float kLeastRest = 330.0F;
    constexpr float kLeastHigh = 300.0F;
    if (bounds.width() - kListWidth >= kLeastRest) {
        const Rect list{{bounds.max.x - kListWidth, bounds.min.y + kEdge},
                        {bounds.max.x - kEdge, bounds.max.y - kEdge}};
        bounds.max.x = list.min.x - kEdge;
        return list;
    }
    if (bounds.height() - kListBelow < kLeastHigh) return std::nullopt;
    const Rect list{{bounds.min.x + kEdge, bounds.max.y - kListBelow},
                    {bounds.max.x - kEdge, bounds.max.y - kEdge}};
    bounds.max.y = list.min.y - kEdge;
    return list;
}

}  // namespace

MapLayout map_layout(const Canvas& canvas, std::span<const Chip> chips, std::string_view caption,
                     const MapViewport& viewport, const MapParts& parts) {
    Rect bounds = canvas.bounds();
    std::optional<Rect> list;
    if (parts.list) list = take_list(bounds);
    MapLayout best = layout_below(canvas, bounds, chips, caption, viewport, parts);
    const auto size = [](const MapLayout& layout) {
        return layout.frame.width() * layout.frame.height();
    };
    const std::optional<MapLayout> beside =
        layout_beside(canvas, bounds, chips, caption, viewport, parts);
    if (beside && size(*beside) > size(best)) best = *beside;
    best.list = list;
    return best;
}

}  // namespace splatscope
