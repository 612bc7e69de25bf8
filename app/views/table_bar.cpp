#include "app/views/table_bar.h"

#include "app/setting_values.h"
#include "app/widgets/chips.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <vector>

namespace splatscope {
namespace {

constexpr float kEdge = 4.0F;
constexpr float kBelow = 6.0F;
constexpr float kLeastFilter = 150.0F;  // beside the chips; else it has a line of its own
constexpr float kWidestFilter = 460.0F;
constexpr float kLeastHeight = 170.0F;  // of a view that has a second line
constexpr float kClear = 20.0F;

struct Kind {
    hsa::Things things = hsa::Things::splats;
    const char* name = "";
    std::size_t count = 0;
};

std::vector<Kind> kinds_of(const hsa::Snapshot& snapshot) {
    return {{hsa::Things::splats, "splats", snapshot.registry ? snapshot.registry->size() : 0},
            {hsa::Things::tokens, "tokens", snapshot.dataset ? snapshot.dataset->size() : 0},
            {hsa::Things::events, "events",
             snapshot.history ? snapshot.history->event_count(snapshot.history->last()) : 0}};
}

std::vector<Chip> chips_of(const ViewContext& context, const std::vector<Kind>& kinds,
                           bool counts) {
    std::vector<Chip> chips;
    for (const Kind& kind : kinds) {
        const bool chosen = kind.things == context.session.desk.table.rows;
        chips.push_back({counts ? fmt::format("{} {}", count_text(kind.count), kind.name)
                                : std::string(kind.name),
                         chosen ? context.theme.accent : context.theme.text, chosen});
    }
    return chips;
}

// Returns where the chips end at the right.
float draw_kinds(Canvas& canvas, const ViewContext& context, const Pointer& pointer, Drawn& drawn) {
    const Rect bounds = canvas.bounds();
    const Vec2 corner{bounds.min.x + kEdge, bounds.min.y + 4.0F};
    const float room = bounds.width() - 2.0F * kEdge;
    const std::vector<Kind> kinds = kinds_of(context.snapshot);
    std::vector<Chip> chips = chips_of(context, kinds, true);
    std::vector<Rect> places = chip_places(canvas, chips, corner, room);
    if (places.back().min.y > corner.y) {
        chips = chips_of(context, kinds, false);
        places = chip_places(canvas, chips, corner, room);
    }
    for (std::size_t c = 0; c < chips.size(); ++c) {
        if (places[c].min.y > corner.y) break;
        const bool over = pointer.inside && places[c].contains(pointer.position);
        draw_chip(canvas, context.theme, chips[c], places[c], over);
        const Hit hit{fmt::format("table {}", kinds[c].name), places[c],
                      fmt::format("set table.rows {}", kinds[c].name)};
        drawn.hits.push_back(hit);
        if (!over) continue;
        drawn.tooltip = fmt::format("list the {}", kinds[c].name);
        if (!pointer.clicked || chips[c].chosen) continue;
        scroll_to_top(context, drawn);
        if (context.session.desk.table.column > 0)
            drawn.commands.emplace_back("set table.column 0");
        drawn.commands.push_back(hit.command);
    }
    return places.back().max.x;
}

// What an empty field shows.
const char* example_of(hsa::Things things) {
    switch (things) {
        case hsa::Things::splats: return "filter: usage > 2/k";
        case hsa::Things::tokens: return "filter: length > 4";
        case hsa::Things::events: break;
    }
    return "filter: accepted == \"yes\"";
}

void draw_filter(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                 const Rect& place, Drawn& drawn) {
    const Theme& theme = context.theme;
    const std::string filter = context.session.desk.table.wanted().filter;
    if (filter.empty() && context.exporting) return;
    const bool over = pointer.inside && place.contains(pointer.position);
    canvas.rect_outline(place, over ? theme.secondary : theme.lines, 1.0F, 4.0F);
    TextStyle style{filter.empty() ? theme.secondary : theme.text,
                    filter.empty() ? Font::text : Font::mono,
                    filter.empty() ? kSmallTextSize : 12.0F, Align::start, Align::centre};
    const bool clears = !filter.empty() && !context.exporting;
    const float room = place.width() - 16.0F - (clears ? kClear : 0.0F);
    const std::string words = filter.empty() ? example_of(context.session.desk.table.rows) : filter;
    (void)canvas.text({place.min.x + 8.0F, place.centre().y}, canvas.fit(words, style, room),
                      style);
    const Rect cross{{place.max.x - kClear, place.min.y}, place.max};
    if (clears) {
        const Vec2 middle = cross.centre();
        const bool on = pointer.inside && cross.contains(pointer.position);
        canvas.marker(Marker::cross, middle, 8.0F, on ? theme.text : theme.secondary, 1.5F);
        drawn.hits.push_back({"table filter clear", cross, "table.filter"});
        if (on) {
            drawn.tooltip = "list all";
            if (pointer.clicked) drawn.commands.emplace_back("table.filter");
            return;
        }
    }
    drawn.hits.push_back({"table filter", place, ""});
    if (!over) return;
    drawn.tooltip = (filter.empty() ? std::string() : filter + "\n") +
                    "click: write an expression of the columns, as for select.where";
    if (pointer.clicked)
        drawn.prompt = "table.filter " + (filter.empty() ? std::string() : quote_word(filter));
}

}  // namespace

void scroll_to_top(const ViewContext& context, Drawn& drawn) {
    if (context.session.desk.table.scroll > 0.0) drawn.commands.emplace_back("set table.scroll 0");
}

float draw_table_bar(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                     Drawn& drawn) {
    const Rect bounds = canvas.bounds();
    const float after = draw_kinds(canvas, context, pointer, drawn) + 12.0F;
    const float right = bounds.max.x - kEdge;
    float y = bounds.min.y + 4.0F;
    if (right - after >= kLeastFilter) {
        draw_filter(canvas, context, pointer,
                    {{after, y}, {std::min(right, after + kWidestFilter), y + kChipHeight}}, drawn);
        return y + kChipHeight + kBelow;
    }
    const bool empty = context.session.desk.table.wanted().filter.empty();
    y += kChipHeight + kBelow;
    if (bounds.height() < kLeastHeight || (empty && context.exporting)) return y;
    draw_filter(canvas, context, pointer, {{bounds.min.x + kEdge, y}, {right, y + kChipHeight}},
                drawn);
    return y + kChipHeight + kBelow;
}

}  // namespace splatscope
