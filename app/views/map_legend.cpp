#include "app/views/map_legend.h"

#include "app/setting_values.h"
#include "app/views/view_names.h"
#include "app/widgets/colour_bar.h"
#include "engine/attention/finish.h"

#include <fmt/core.h>

#include <cstddef>
#include <string>

namespace splatscope {
namespace {

void draw_swatches(Canvas& canvas, const Theme& theme, Vec2 at, const AttentionColours& colours,
                   const SpecialPixels& special, bool causal) {
    const TextStyle style{theme.secondary, Font::text, kSmallTextSize};
    const auto swatch = [&](Colour colour, const char* words) {
        if (!canvas.label({at.x + 14.0F, at.y}, words, style)) return;
        canvas.rect({{at.x, at.y + 1.0F}, {at.x + 10.0F, at.y + 11.0F}}, colour, 2.0F);
        at.x += 26.0F + canvas.text_size(words, style).x;
    };
    if (special.zero) swatch(colours.zero, causal ? "not seen" : "zero");
    if (special.not_a_number) swatch(colours.hatch_light, "no number");
}

}  // namespace

std::string map_caption(const hsa::AttentionSettings& settings, hsa::Mark mark,
                        hsa::Statistic statistic) {
    std::string caption = settings.causal ? "causal attention" : "attention";
    if (statistic == hsa::Statistic::most)
        caption = (mark == hsa::Mark::exact ? "largest " : "at most: ") + caption;
    caption += " / uniform (log)";
    if (!hsa::has_row_steps(settings)) return caption;
    return caption + (mark == hsa::Mark::exact ? ", after " : ", before ") +
           hsa::row_steps_text(settings);
}

hsa::PicturePart map_part(const ViewContext& context) {
    const MapDesk& desk = context.session.desk.map;
    hsa::PicturePart part;
    if (!context.snapshot.registry) return part;
    for (const hsa::SplatId id : desk.splats)
        if (context.snapshot.registry->find(id)) part.splats.push_back(id);
    if (part.splats.empty())
        part.level = level_of_name(context.snapshot, desk.level).value_or(hsa::kAllLevels);
    return part;
}

std::string part_name(const ViewContext& context) {
    const hsa::PicturePart part = map_part(context);
    if (part.splats.size() == 1) return splat_name(context.snapshot, part.splats.front());
    if (!part.splats.empty()) return fmt::format("{} splats", part.splats.size());
    return part.level == hsa::kAllLevels ? std::string{} : context.session.desk.map.level;
}

std::vector<Chip> level_chips(const ViewContext& context) {
    std::vector<Chip> chips;
    if (!context.snapshot.registry) return chips;
    if (const hsa::PicturePart part = map_part(context); !part.splats.empty()) {
        const std::size_t row = context.snapshot.registry->row(part.splats.front());
        chips.push_back({"All", context.theme.text, false});
        chips.push_back(
            {part_name(context),
             text_colour(context.theme, level_colour(context.snapshot.registry->level[row])),
             true});
        return chips;
    }
    const auto chosen = level_of_name(context.snapshot, context.session.desk.map.level);
    chips.push_back({"All", context.theme.text, !chosen});
    const auto& levels = context.snapshot.registry->hierarchy.levels;
    for (std::size_t l = 0; l < levels.size(); ++l)
        chips.push_back(
            {levels[l].name, text_colour(context.theme, level_colour(l)), chosen && *chosen == l});
    return chips;
}

void draw_map_legend(Canvas& canvas, const ViewContext& context, const MapLayout& layout,
                     const std::string& caption, const std::vector<Chip>& chips,
                     const AttentionColours& colours, const SpecialPixels& special,
                     const Pointer& pointer, Drawn& drawn) {
    const std::size_t first_hit = drawn.hits.size();
    const bool of_splats = !map_part(context).splats.empty();
    for (std::size_t c = 0; c < layout.chips.size(); ++c) {
        const Rect& place = layout.chips[c];
        const bool over = pointer.inside && !context.exporting && place.contains(pointer.position);
        draw_chip(canvas, context.theme, chips[c], place, over);
        // The chosen level's chip goes back to all.
        const std::string name = c == 0 || chips[c].chosen ? "" : chips[c].label;
        drawn.hits.push_back(
            {"map level " + chips[c].label, place,
             of_splats ? "reset map.splats" : "set map.level " + quote_word(name)});
        if (over)
            drawn.tooltip = c == 0      ? "every level"
                            : of_splats ? "the part of " + chips[c].label + " alone"
                                        : "the part of level " + chips[c].label + " alone";
    }
    if (layout.bar) {
        const Rect& bar = *layout.bar;
        const ColourTable table = colour_table(colours.map);
        if (layout.beside)
            draw_upright_colour_bar(canvas, context.theme, bar, table, colours.axis(), caption,
                                    kBesideWidth - 20.0F);
        else
            draw_colour_bar(canvas, context.theme, bar, table, colours.axis(),
                            layout.caption ? caption : "");
        const Vec2 beside = {bar.min.x, bar.max.y + 11.0F};  // below the lowest tick's number
        draw_swatches(canvas, context.theme,
                      layout.beside ? beside : Vec2{bar.max.x + 24.0F, bar.max.y + 6.0F}, colours,
                      special, context.snapshot.causal);
        const Rect place{bar.min,
                         {bar.max.x + (layout.beside ? 40.0F : 0.0F),
                          bar.max.y + (layout.beside ? 0.0F : 18.0F)}};
        drawn.hits.push_back({"map scale", place, "toggle map.scale"});
        if (pointer.inside && place.contains(pointer.position))
            drawn.tooltip =
                "mean attention / uniform attention (1 / n), logarithmic\n"
                "click: fixed range, the view's own, or above and below uniform";
    }
    for (std::size_t h = first_hit; h < drawn.hits.size(); ++h)
        if (pointer.clicked && drawn.hits[h].place.contains(pointer.press_position))
            drawn.commands.push_back(drawn.hits[h].command);
}

}  // namespace splatscope
