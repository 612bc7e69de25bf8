#include "app/widgets/colour_bar.h"

#include "app/widgets/text_lines.h"
#include "engine/core/hash.h"

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace splatscope {

ColourTable colour_table(ColourMapName map) {
    ColourTable table{};
    for (std::size_t i = 0; i < table.size(); ++i)
        table[i] = pixel_of(colour_at(map, static_cast<double>(i) / 255.0));
    return table;
}

namespace {

constexpr float kCaptionGap = 8.0F;
constexpr float kCaptionLine = kSmallTextSize + 3.0F;

// One pixel a colour: in a row, or in a column with the last colour on top.
Image table_image(const ColourTable& table, bool upright) {
    std::vector<std::uint32_t> pixels(table.begin(), table.end());
    if (upright) std::reverse(pixels.begin(), pixels.end());
    Image image;
    image.key = hsa::hash_values(std::span<const std::uint32_t>(pixels));
    image.width = upright ? 1 : table.size();
    image.height = upright ? table.size() : 1;
    image.pixels = std::make_shared<const std::vector<std::uint32_t>>(std::move(pixels));
    return image;
}

}  // namespace

void draw_colour_bar(Canvas& canvas, const Theme& theme, const Rect& bar, const ColourTable& table,
                     const Axis& axis, std::string_view caption) {
    if (!canvas.shows(Part::bar)) return;
    canvas.image(table_image(table, false), bar);

    TextStyle style{theme.secondary, Font::text, kSmallTextSize, Align::centre, Align::start};
    if (!caption.empty()) {
        TextStyle beside = style;
        beside.horizontal = Align::start;
        beside.vertical = Align::centre;
        const std::string fitted =
            canvas.fit(caption, beside, canvas.bounds().max.x - bar.max.x - 16.0F);
        if (fitted == caption)
            (void)canvas.label({bar.max.x + 12.0F, bar.centre().y}, caption, beside);
    }
    const auto most = static_cast<std::size_t>(std::max(2.0F, bar.width() / 36.0F));
    for (const Tick& tick : ticks(axis, most)) {
        const float x = bar.min.x + bar.width() * static_cast<float>(axis.place(tick.value));
        canvas.line({x, bar.max.y}, {x, bar.max.y + (tick.label.empty() ? 2.0F : 3.0F)},
                    theme.secondary);
        if (!tick.label.empty()) (void)canvas.label({x, bar.max.y + 5.0F}, tick.label, style);
    }
}

float upright_caption_height(const Canvas& canvas, std::string_view caption, float room) {
    const TextStyle style{{}, Font::text, kSmallTextSize};
    return kCaptionGap +
           kCaptionLine * static_cast<float>(broken_lines(canvas, caption, style, room).size());
}

void draw_upright_colour_bar(Canvas& canvas, const Theme& theme, const Rect& bar,
                             const ColourTable& table, const Axis& axis, std::string_view caption,
                             float room) {
    if (!canvas.shows(Part::bar)) return;
    canvas.image(table_image(table, true), bar);
    TextStyle style{theme.secondary, Font::text, kSmallTextSize, Align::start, Align::end};
    const std::vector<std::string> lines = broken_lines(canvas, caption, style, room);
    float y = bar.min.y - kCaptionGap - kCaptionLine * (static_cast<float>(lines.size()) - 1.0F);
    for (const std::string& line : lines) {
        (void)canvas.label({bar.min.x, y}, line, style);
        y += kCaptionLine;
    }
    style.vertical = Align::centre;
    const auto most = static_cast<std::size_t>(std::max(2.0F, bar.height() / 20.0F));
    for (const Tick& tick : ticks(axis, most)) {
        const float at = bar.max.y - bar.height() * static_cast<float>(axis.place(tick.value));
        canvas.line({bar.max.x, at}, {bar.max.x + (tick.label.empty() ? 2.0F : 4.0F), at},
                    theme.secondary);
        if (!tick.label.empty()) (void)canvas.label({bar.max.x + 8.0F, at}, tick.label, style);
    }
}

}  // namespace splatscope
