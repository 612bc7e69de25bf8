#include "app/views/text_legend.h"

#include "app/views/view_names.h"
#include "app/widgets/chips.h"
#include "app/widgets/colour_bar.h"
#include "app/widgets/sign.h"
#include "app/widgets/text_lines.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace splatscope {
namespace {

struct TintChoice {
    TextTint tint;
    const char* name;  // of the setting's value
    const char* help;
};
constexpr std::array<TintChoice, 5> kChoices = {{
    {TextTint::from, "from", "attention from the selection to each word"},
    {TextTint::to, "to", "attention from each word to the selection"},
    {TextTint::splat, "splat", "the splat that carries most of a word's attention"},
    {TextTint::level, "level", "the level that carries most of a word's attention"},
    {TextTint::measure, "measure", "a number of every word: set text.measure NAME"},
}};

// A sign and a name; a click selects what it stands for.
float draw_entry(Canvas& canvas, const Theme& theme, Vec2 at, float width, Sign sign,
                 const std::string& name) {
    const TextStyle style{theme.secondary, Font::text, kSmallTextSize, Align::start, Align::centre};
    const std::string fitted = canvas.fit(name, style, width - 16.0F);
    if (fitted.empty()) return 0.0F;
    sign.colour = mix(theme.panel, sign.colour, 0.7F);
    draw_sign(canvas, {at.x + 5.0F, at.y}, sign, 10.0F);
    (void)canvas.text({at.x + 16.0F, at.y}, fitted, style);
    return 16.0F + canvas.text_size(fitted, style).x;
}

void draw_splats(Canvas& canvas, const ViewContext& context, const Rect& place,
                 const Tinting& tinting, std::span<const TokenPlace> page, Drawn& drawn) {
    std::map<std::size_t, std::size_t> counts;  // column -> tokens of the page
    std::map<std::size_t, Sign> signs;
    for (const TokenPlace& token : page)
        if (const auto strongest = tinting.dominant(token.token))
            if (++counts[strongest->column] == 1)
                signs.emplace(strongest->column, tinting.sign(*strongest));
    std::vector<std::pair<std::size_t, std::size_t>> order(counts.begin(), counts.end());
    std::stable_sort(order.begin(), order.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    float y = place.min.y + 8.0F;
    for (std::size_t i = 0; i < order.size() && y + 8.0F <= place.max.y; ++i, y += 17.0F) {
        const hsa::SplatId splat = context.snapshot.factors->ids[order[i].first];
        const float width =
            draw_entry(canvas, context.theme, {place.min.x, y}, place.width(),
                       signs.at(order[i].first), splat_name(context.snapshot, splat));
        drawn.hits.push_back({fmt::format("splat {}", splat),
                              {{place.min.x, y - 8.0F}, {place.min.x + width, y + 8.0F}},
                              fmt::format("select.splats {}", splat)});
    }
}

void draw_levels(Canvas& canvas, const ViewContext& context, const Rect& place) {
    if (!context.snapshot.registry) return;
    const auto& levels = context.snapshot.registry->hierarchy.levels;
    float x = place.min.x, y = place.min.y + 8.0F;
    for (std::size_t l = 0; l < levels.size() && y + 8.0F <= place.max.y; ++l) {
        const TextStyle style{{}, Font::text, kSmallTextSize};
        const float width = 30.0F + canvas.text_size(levels[l].name, style).x;
        if (x > place.min.x && x + width > place.max.x) {
            x = place.min.x;
            y += 17.0F;
            if (y + 8.0F > place.max.y) break;
        }
        (void)draw_entry(canvas, context.theme, {x, y}, place.max.x - x, level_sign(l),
                         levels[l].name);
        x += width;
    }
}

}  // namespace

void draw_text_legend(Canvas& canvas, const ViewContext& context, const Rect& place,
                      const Tinting& tinting, std::span<const TokenPlace> page,
                      const Pointer& pointer, Drawn& drawn) {
    const Theme& theme = context.theme;
    canvas.line({place.min.x, place.min.y + 0.5F}, {place.max.x, place.min.y + 0.5F}, theme.lines);
    std::vector<Chip> chips;
    chips.reserve(std::size(kChoices));
    // The last is chosen in the view's menu: it needs the name of a number.
    const std::size_t offered = std::size(kChoices) - (tinting.by_number() ? 0 : 1);
    for (const TintChoice& choice : std::span(kChoices).first(offered))
        chips.push_back({choice.name, theme.secondary, tinting.kind() == choice.tint});
    const std::size_t first_hit = drawn.hits.size();
    const std::vector<Rect> places =
        chip_places(canvas, chips, {place.min.x, place.min.y + 7.0F}, place.width());
    for (std::size_t c = 0; c < chips.size(); ++c) {
        if (places[c].min.y > places[0].min.y || places[c].max.x > place.max.x) break;
        const bool over =
            pointer.inside && !context.exporting && places[c].contains(pointer.position);
        draw_chip(canvas, theme, chips[c], places[c], over);
        drawn.hits.push_back({std::string("text tint ") + kChoices[c].name, places[c],
                              std::string("set text.tint ") + kChoices[c].name});
        if (over) drawn.tooltip = kChoices[c].help;
    }
    const Rect below{{place.min.x, place.min.y + 33.0F}, {place.max.x, place.max.y}};
    if (tinting.by_number()) {
        const TextStyle style{theme.secondary, Font::text, kSmallTextSize};
        const std::string fault = tinting.fault();
        if (!fault.empty()) {
            float y = below.min.y;
            for (const std::string& line : broken_lines(canvas, fault, style, below.width(), 2)) {
                (void)canvas.text({below.min.x, y}, line, style);
                y += 16.0F;
            }
        } else if (tinting.empty()) {
            (void)canvas.text(below.min, "Computing …", style);
        } else {
            const Rect bar{
                {below.min.x + 12.0F, below.min.y},
                {std::min(below.max.x - 12.0F, below.min.x + 212.0F), below.min.y + 8.0F}};
            draw_colour_bar(canvas, theme, bar, tinting.legend_table(), tinting.legend_axis(),
                            tinting.caption());
        }
    } else if (!tinting.by_attention()) {
        if (tinting.kind() == TextTint::splat)
            draw_splats(canvas, context, below, tinting, page, drawn);
        else draw_levels(canvas, context, below);
    } else if (tinting.empty()) {
        const TextStyle style{theme.secondary, Font::text, kSmallTextSize};
        const char* words = context.session.document.selection.empty()
                                ? "Select words to see what they attend to"
                                : "Computing …";
        (void)canvas.text(below.min, canvas.fit(words, style, below.width()), style);
    } else {
        const Rect bar{{below.min.x + 12.0F, below.min.y},
                       {std::min(below.max.x - 12.0F, below.min.x + 212.0F), below.min.y + 8.0F}};
        draw_colour_bar(canvas, theme, bar, tinting.legend_table(), tinting.legend_axis(),
                        "attention / uniform (log)");
    }
    for (std::size_t h = first_hit; h < drawn.hits.size(); ++h)
        if (pointer.clicked && drawn.hits[h].place.contains(pointer.press_position))
            drawn.commands.push_back(drawn.hits[h].command);
}

}  // namespace splatscope
