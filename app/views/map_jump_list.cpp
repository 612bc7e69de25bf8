#include "app/views/map_jump_list.h"

#include "app/views/map_marks.h"
#include "app/views/view_names.h"
#include "app/widgets/chips.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

namespace splatscope {
namespace {

constexpr float kLine = kSmallTextSize + 4.0F;
constexpr float kRow = 3.0F * kLine + 8.0F;
constexpr float kNumberWidth = 24.0F;

std::string words_or_range(const hsa::Dataset& dataset, const hsa::Range& tokens) {
    return has_words(dataset) ? words_of(dataset, tokens) : range_text(tokens);
}

std::string strength_text(const hsa::StrongBlock& block, hsa::StrengthBy by, double tokens) {
    if (by == hsa::StrengthBy::lift)
        return fmt::format("{} × its rows and columns", number_text(block.strength));
    if (by == hsa::StrengthBy::uniform)
        return fmt::format("{} × what is seen alike", number_text(block.strength));
    return uniform_text(block.mean * tokens);
}

// The line above the list: what it is of, and what makes a block strong.
float draw_head(Canvas& canvas, const ViewContext& context, const Rect& place,
                const Pointer& pointer, Drawn& drawn) {
    const Theme& theme = context.theme;
    const MapDesk& desk = context.session.desk.map;
    const TextStyle title{theme.text, Font::bold, kSmallTextSize};
    (void)canvas.label(place.min, canvas.fit("Strongest blocks", title, place.width()), title);
    if (context.exporting) return place.min.y + kLine + 6.0F;
    constexpr std::array<const char*, 3> kBy = {"by value", "by uniform", "by lift"};
    std::vector<Chip> chips = {
        {kBy[static_cast<std::size_t>(desk.jumps_by)], theme.text, false},
        {desk.jumps_apart > 0 ? "off the diagonal" : "anywhere", theme.text, false}};
    std::vector<std::string> commands = {"toggle map.jumps_by", desk.jumps_apart > 0
                                                                    ? "set map.jumps_apart 0"
                                                                    : "reset map.jumps_apart"};
    std::vector<std::string> ids = {"jumps by", "jumps apart"};
    if (desk.jump > 0) {
        chips.push_back({"back", theme.accent, false});
        commands.emplace_back("map.go 0");
        ids.emplace_back("jumps back");
    }
    const Vec2 at{place.min.x, place.min.y + kLine + 4.0F};
    const std::vector<Rect> places = chip_places(canvas, chips, at, place.width());
    for (std::size_t c = 0; c < chips.size(); ++c) {
        const bool over = pointer.inside && places[c].contains(pointer.position);
        draw_chip(canvas, theme, chips[c], places[c], over);
        drawn.hits.push_back({ids[c], places[c], commands[c]});
        if (pointer.clicked && places[c].contains(pointer.press_position))
            drawn.commands.push_back(commands[c]);
    }
    return places.back().max.y + 8.0F;
}

void draw_block(Canvas& canvas, const ViewContext& context, const Rect& row,
                const hsa::StrongBlock& block, std::size_t number, hsa::StrengthBy by) {
    const Theme& theme = context.theme;
    const hsa::Dataset& dataset = *context.snapshot.dataset;
    const bool here = context.session.desk.map.jump == number;
    const TextStyle bold{here ? theme.accent : theme.text, Font::bold, kSmallTextSize};
    const TextStyle words{theme.text, Font::text, kSmallTextSize};
    const TextStyle quiet{theme.secondary, Font::text, kSmallTextSize};
    const float x = row.min.x + kNumberWidth;
    const float room = row.max.x - x - 4.0F;
    float y = row.min.y + 4.0F;
    (void)canvas.label({row.min.x + 4.0F, y}, std::to_string(number), bold);
    const auto tokens = static_cast<double>(dataset.size());
    (void)canvas.label({x, y}, canvas.fit(strength_text(block, by, tokens), quiet, room), quiet);
    y += kLine;
    (void)canvas.label({x, y}, canvas.fit(words_or_range(dataset, block.block.rows), words, room),
                       words);
    y += kLine;
    (void)canvas.label({x, y},
                       canvas.fit("→ " + words_or_range(dataset, block.block.columns), words, room),
                       words);
}

std::string whole_words(const ViewContext& context, const hsa::StrongBlock& block) {
    const hsa::Dataset& dataset = *context.snapshot.dataset;
    std::string text = fmt::format(
        "rows {}  “{}”\ncolumns {}  “{}”\nmean attention {} = {}", range_text(block.block.rows),
        words_or_range(dataset, block.block.rows), range_text(block.block.columns),
        words_or_range(dataset, block.block.columns), number_text(block.mean),
        uniform_text(block.mean * static_cast<double>(dataset.size())));
    const std::string row = section_title(dataset, block.block.rows.begin);
    const std::string column = section_title(dataset, block.block.columns.begin);
    if (!row.empty() && !column.empty()) text += fmt::format("\n{} → {}", row, column);
    return text + "\nclick: goes there (N the next, Shift+N the one before)";
}

}  // namespace

void draw_jump_list(Canvas& canvas, const ViewContext& context, const Rect& place,
                    const hsa::StrongestBlocks* list, const Pointer& pointer, Drawn& drawn) {
    const Theme& theme = context.theme;
    const float top = draw_head(canvas, context, place, pointer, drawn);
    const TextStyle quiet{theme.secondary, Font::text, kSmallTextSize};
    if (list == nullptr) return;
    if (list->blocks.empty()) {
        (void)canvas.label({place.min.x, top},
                           canvas.fit("No block stands out here", quiet, place.width()), quiet);
        return;
    }
    // In columns where the place is wide.
    const float wide = place.width() >= 480.0F ? 0.5F * place.width() : place.width();
    const auto columns = static_cast<std::size_t>(std::lround(place.width() / wide));
    const auto rows = static_cast<std::size_t>(std::max(0.0F, (place.max.y - top) / kRow));
    const std::size_t shown = std::min(list->blocks.size(), rows * columns);
    for (std::size_t b = 0; b < shown; ++b) {
        const std::size_t column = b / rows;
        const float x = place.min.x + static_cast<float>(column) * wide;
        const float y = top + static_cast<float>(b % rows) * kRow;
        const Rect row{{x, y}, {x + wide - 6.0F, y + kRow - 3.0F}};
        const bool over = pointer.inside && !context.exporting && row.contains(pointer.position);
        if (over || context.session.desk.map.jump == b + 1) canvas.rect(row, theme.raised, 4.0F);
        draw_block(canvas, context, row, list->blocks[b], b + 1, list->wanted.by);
        const std::string command = fmt::format("map.go {}", b + 1);
        drawn.hits.push_back({fmt::format("jump {}", b + 1), row, command});
        if (over) drawn.tooltip = whole_words(context, list->blocks[b]);
        if (pointer.clicked && row.contains(pointer.press_position))
            drawn.commands.push_back(command);
    }
}

void draw_jump_marks(Canvas& canvas, const Theme& theme, const MapFrame& frame,
                     const hsa::StrongestBlocks& list, std::size_t gone_to) {
    constexpr float kSmallest = 7.0F;
    canvas.push_clip(frame.place);
    for (std::size_t b = 0; b < list.blocks.size(); ++b) {
        const Rect place = block_place(frame, list.blocks[b].block, kSmallest);
        if (!place.overlaps(frame.place)) continue;
        const bool here = b + 1 == gone_to;
        canvas.rect_outline(place, theme.background.with_alpha(0.7F), 3.0F, 1.0F);
        canvas.rect_outline(place, here ? theme.accent : Colour{0xff, 0xff, 0xff}, 1.3F, 1.0F);
        const std::string number = std::to_string(b + 1);
        const TextStyle style{theme.text, Font::bold, kSmallTextSize};
        const Vec2 size = canvas.text_size(number, style);
        // Beside the block, at the left where the right has no room.
        Vec2 at{place.max.x + 5.0F, place.centre().y - 0.5F * size.y};
        if (at.x + size.x + 3.0F > frame.place.max.x) at.x = place.min.x - size.x - 5.0F;
        at.y = std::clamp(at.y, frame.place.min.y + 2.0F,
                          std::max(frame.place.min.y, frame.place.max.y - size.y - 4.0F) + 2.0F);
        if (at.x < frame.place.min.x || !canvas.has_room(at, number, style)) continue;
        canvas.rect({{at.x - 3.0F, at.y - 1.0F}, {at.x + size.x + 3.0F, at.y + size.y + 1.0F}},
                    theme.panel.with_alpha(0.85F), 3.0F);
        (void)canvas.label(at, number, style);
    }
    canvas.pop_clip();
}

}  // namespace splatscope
