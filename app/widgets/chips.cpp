#include "app/widgets/chips.h"

namespace splatscope {
namespace {

constexpr float kPadding = 8.0F;

TextStyle chip_style(Colour colour) {
    return {colour, Font::text, kSmallTextSize, Align::centre, Align::centre};
}

}  // namespace

float chip_width(const Canvas& canvas, std::string_view label) {
    return canvas.text_size(label, chip_style({})).x + 2.0F * kPadding;
}

std::vector<Rect> chip_places(const Canvas& canvas, std::span<const Chip> chips, Vec2 top_left,
                              float width) {
    std::vector<Rect> places;
    Vec2 at = top_left;
    for (const Chip& chip : chips) {
        const float wide = chip_width(canvas, chip.label);
        if (at.x > top_left.x && at.x + wide > top_left.x + width) {
            at.x = top_left.x;
            at.y += kChipHeight + kChipGap;
        }
        places.push_back({at, {at.x + wide, at.y + kChipHeight}});
        at.x += wide + kChipGap;
    }
    return places;
}

void draw_chip(Canvas& canvas, const Theme& theme, const Chip& chip, const Rect& place,
               bool under_pointer) {
    if (chip.chosen) {
        canvas.rect(place, mix(theme.panel, chip.colour, 0.25F), 4.0F);
        canvas.rect_outline(place, chip.colour, 1.0F, 4.0F);
    } else if (under_pointer) {
        canvas.rect(place, theme.raised, 4.0F);
    }
    const Colour word = chip.chosen ? theme.text : chip.colour;
    (void)canvas.text(place.centre(), chip.label, chip_style(word));
}

}  // namespace splatscope
