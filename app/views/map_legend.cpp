#include "app/views/map_legend.h"

#include "app/setting_values.h"
#include "app/views/map_range.h"
#include "app/views/view_names.h"
#include "app/widgets/colour_bar.h"
#include "engine/attention/finish.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

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
                        hsa::Statistic statistic, bool linear) {
    std::string caption = settings.causal ? "causal attention" : "attention";
    if (statistic == hsa::Statistic::most)
        caption = (mark == hsa::Mark::exact ? "largest " : "at most: ") + caption;
    caption += linear ? " / uniform" : " / uniform (log)";
    if (!hsa::has_row_steps(settings)) return caption;
    return caption + (mark == hsa::Mark::exact ? ", after " : ", before ") +
           hsa::row_steps_text(settings);
}

hsa::PicturePart map_part(const ViewContext& context) {
    if (!context.snapshot.registry) return {};
    return part_of(context.session.desk.map, *context.snapshot.registry);
}

std::string part_name(const ViewContext& context) {
    const hsa::PicturePart part = map_part(context);
    if (part.splats.size() == 1) return splat_name(context.snapshot, part.splats.front());
    if (!part.splats.empty()) return fmt::format("{} splats", part.splats.size());
    return part.level == hsa::kAllLevels ? std::string{} : context.session.desk.map.level;
}

namespace {

constexpr std::array<const char*, kMostChannels> kChannelNames = {"red", "green", "blue"};
constexpr std::array<const char*, kMostChannels> kLetters = {"R", "G", "B"};

void add_channel_chips(const ViewContext& context, const std::vector<MapChannel>& channels,
                       std::vector<MapChip>& chips) {
    const auto& levels = context.snapshot.registry->hierarchy.levels;
    chips.push_back(
        {{"All", context.theme.text, false}, "map level All", "map.mix", "one map of every level"});
    for (const MapChannel& channel : channels) {
        // The next level that no other channel shows.
        std::size_t next = channel.part.splats.empty() ? channel.part.level + 1U : 0U;
        const auto taken = [&](std::size_t level) {
            return std::any_of(channels.begin(), channels.end(), [&](const MapChannel& other) {
                return &other != &channel && other.part.splats.empty() && other.part.level == level;
            });
        };
        for (std::size_t tried = 0; tried < levels.size() && taken(next % levels.size()); ++tried)
            ++next;
        std::string command = "map.mix";
        for (const MapChannel& other : channels)
            command += " " + quote_word(&other == &channel ? levels[next % levels.size()].name
                                                           : other.word);
        const std::string name = channel_name(context, channel);
        chips.push_back({{fmt::format("{} {}", kLetters[channel.index], name),
                          channel_ink(channel.index, context.theme), true},
                         fmt::format("map channel {}", kChannelNames[channel.index]),
                         std::move(command),
                         fmt::format("{}: the part of {} alone\nclick: the next level",
                                     kChannelNames[channel.index], name)});
    }
}

void add_level_chips(const ViewContext& context, std::vector<MapChip>& chips) {
    const auto chosen = level_of_name(context.snapshot, context.session.desk.map.level);
    const auto& levels = context.snapshot.registry->hierarchy.levels;
    chips.push_back({{"All", context.theme.text, !chosen},
                     "map level All",
                     "set map.level " + quote_word(""),
                     "every level"});
    for (std::size_t l = 0; l < levels.size(); ++l) {
        const bool is_chosen = chosen && *chosen == l;
        // The chosen level's chip goes back to all.
        chips.push_back({{levels[l].name, text_colour(context.theme, level_colour(l)), is_chosen},
                         "map level " + levels[l].name,
                         "set map.level " + quote_word(is_chosen ? "" : levels[l].name),
                         "the part of level " + levels[l].name + " alone"});
    }
    const bool mixes = levels.size() >= 2 && !context.exporting &&
                       context.session.desk.map.compare == MapCompare::off;
    if (!mixes) return;
    std::string command = "map.mix " + quote_word(levels[0].name);
    if (levels.size() > 2) command += " " + quote_word(levels[1].name);
    command += " " + quote_word(levels.back().name);
    chips.push_back({{"RGB", context.theme.secondary, false},
                     "map mix",
                     std::move(command),
                     "levels as red, green and blue in one map"});
}

void add_compare_chips(const ViewContext& context, const MapSides& sides,
                       std::vector<MapChip>& chips) {
    constexpr std::array<const char*, 5> kModes = {"off", "split", "difference", "blink",
                                                   "side by side"};
    const bool offered = context.session.document.compare.kind != CompareKind::none;
    if (context.exporting || (sides.mode == MapCompare::off && !offered)) return;
    const MapDesk& desk = context.session.desk.map;
    chips.push_back({{fmt::format("A | B: {}", kModes[static_cast<std::size_t>(sides.mode)]),
                      context.theme.text, sides.on()},
                     "map compare",
                     "toggle map.compare",
                     "how both sides are shown: split at the diagonal, difference, blink, side by "
                     "side"});
    if (sides.mode != MapCompare::blink || !sides.on()) return;
    chips.push_back({{desk.blinking ? "Rest" : "Blink", context.theme.text, false},
                     "map blink",
                     "map.blink",
                     "the sides by turns (B), or one at rest; Shift+B shows the other"});
}

}  // namespace

std::vector<MapChip> map_chips(const ViewContext& context, const std::vector<MapChannel>& channels,
                               const MapSides& sides) {
    std::vector<MapChip> chips;
    if (!context.snapshot.registry) return chips;
    if (!channels.empty()) {
        add_channel_chips(context, channels, chips);
        return chips;
    }
    if (const hsa::PicturePart part = map_part(context); !part.splats.empty()) {
        const std::size_t row = context.snapshot.registry->row(part.splats.front());
        chips.push_back({{"All", context.theme.text, false},
                         "map level All",
                         "reset map.splats",
                         "every level"});
        const std::string name = part_name(context);
        chips.push_back(
            {{name, text_colour(context.theme, level_colour(context.snapshot.registry->level[row])),
              true},
             "map level " + name,
             "reset map.splats",
             "the part of " + name + " alone"});
    } else {
        add_level_chips(context, chips);
    }
    add_compare_chips(context, sides, chips);
    return chips;
}

void draw_map_legend(Canvas& canvas, const ViewContext& context, const MapLayout& layout,
                     const MapKey& key, const std::vector<MapChip>& chips, const Pointer& pointer,
                     Drawn& drawn) {
    const std::size_t first_hit = drawn.hits.size();
    for (std::size_t c = 0; c < layout.chips.size(); ++c) {
        const Rect& place = layout.chips[c];
        const bool over = pointer.inside && !context.exporting && place.contains(pointer.position);
        draw_chip(canvas, context.theme, chips[c].chip, place, over);
        drawn.hits.push_back({chips[c].hit, place, chips[c].command});
        if (over) drawn.tooltip = chips[c].tooltip;
    }
    for (std::size_t h = first_hit; h < drawn.hits.size(); ++h)
        if (pointer.clicked && drawn.hits[h].place.contains(pointer.press_position))
            drawn.commands.push_back(drawn.hits[h].command);
    if (layout.discs && !key.channels.empty())
        draw_channel_discs(canvas, layout.discs->min, key.channels);
    if (!layout.bar) return;
    const Rect& bar = *layout.bar;
    const ColourTable table = table_between(key.colours, key.ends);
    Axis axis = key.ends.axis();
    if (key.over) axis.scale = AxisScale::logarithmic;
    if (layout.beside)
        draw_upright_colour_bar(canvas, context.theme, bar, table, axis, key.caption,
                                kBesideWidth - 20.0F);
    else
        draw_colour_bar(canvas, context.theme, bar, table, axis, layout.caption ? key.caption : "");
    if (!key.channels.empty()) draw_channel_bars(canvas, bar, layout.beside, key.channels);
    const Vec2 beside = {bar.min.x, bar.max.y + 11.0F};  // below the lowest tick's number
    if (key.channels.empty())
        draw_swatches(canvas, context.theme,
                      layout.beside ? beside : Vec2{bar.max.x + 24.0F, bar.max.y + 6.0F},
                      key.colours, key.special, context.snapshot.causal);
    const Rect place{
        bar.min,
        {bar.max.x + (layout.beside ? 40.0F : 0.0F), bar.max.y + (layout.beside ? 0.0F : 18.0F)}};
    drawn.hits.push_back({"map scale", place, "toggle map.scale"});
    if (pointer.inside && place.contains(pointer.position))
        drawn.tooltip =
            "mean attention / uniform attention (1 / n)\n"
            "drag: moves an end of the colours, or both from the middle; double click: back\n"
            "click: fixed range, the view's own, above and below uniform, or linear\n"
            "Ctrl+click: keeps this range for every map, or lets it go";
}

}  // namespace splatscope
