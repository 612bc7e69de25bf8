#include "app/widgets/colour_bar.h"

#include "engine/core/hash.h"

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

namespace splatscope {

ColourTable colour_table(ColourMapName map) {
    ColourTable table{};
    for (std::size_t i = 0; i < table.size(); ++i)
        table[i] = pixel_of(colour_at(map, static_cast<double>(i) / 255.0));
    return table;
}

void draw_colour_bar(Canvas& canvas, const Theme& theme, const Rect& bar, const ColourTable& table,
                     const Axis& axis, std::string_view caption) {
    Image image;
    image.key = hsa::hash_values(std::span<const std::uint32_t>(table));
    image.width = table.size();
    image.height = 1;
    image.pixels = std::make_shared<const std::vector<std::uint32_t>>(table.begin(), table.end());
    canvas.image(image, bar);

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

}  // namespace splatscope
