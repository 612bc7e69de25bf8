#include "app/views/table_frame.h"

#include "app/setting_values.h"
#include "app/views/table_bar.h"
#include "app/views/view_names.h"
#include "app/widgets/numbers.h"
#include "app/widgets/text_lines.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace splatscope {
namespace {

// What a click on a column's name makes of table.<rows>.sort: numbers are first wanted from the
// largest down, words from A on.
std::string next_sort(const hsa::Listing& listing, std::size_t column) {
    const hsa::Field& field = listing.columns[column];
    const bool falls_first = field.number != nullptr;
    if (listing.sorted_by != column) return (falls_first ? "-" : "") + field.name;
    if (listing.falling == falls_first) return (falls_first ? "" : "-") + field.name;
    return {};
}

// The triangle beside the name of the column that rows are sorted by.
void draw_arrow(Canvas& canvas, Vec2 middle, bool falling, Colour colour) {
    const float y = falling ? 3.0F : -3.0F;
    canvas.polygon(
        std::array<Vec2, 3>{Vec2{middle.x - 4.0F, middle.y - y},
                            Vec2{middle.x + 4.0F, middle.y - y}, Vec2{middle.x, middle.y + y}},
        colour);
}

}  // namespace

void draw_table_header(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                       const hsa::Listing& listing, const TablePlaces& places, Drawn& drawn) {
    const Theme& theme = context.theme;
    const float middle =
        places.header.min.y + (places.units ? 10.0F : 0.5F * places.header.height());
    const char* rows = hsa::name_of(listing.wanted.things);
    for (const PlacedColumn& place : places.columns.shown) {
        const std::size_t c = place.column.field;
        const hsa::Field& field = listing.columns[c];
        const bool sorted = listing.sorted_by == c;
        const Rect cell{{place.left - 4.0F, places.header.min.y},
                        {place.right + 4.0F, places.header.max.y}};
        const bool over = pointer.inside && cell.contains(pointer.position);
        if (over) canvas.rect(cell, theme.raised, 3.0F);
        TextStyle style = word_style(sorted ? theme.accent : over ? theme.text : theme.secondary);
        if (!place.column.words) style.horizontal = Align::end;
        const float end = place.column.words ? place.left : place.right;
        const Rect name = canvas.text(
            {end, middle},
            canvas.fit(field.name, style, place.right - place.left - (sorted ? kArrow : 0.0F)),
            style);
        if (sorted)
            draw_arrow(canvas, {place.column.words ? name.max.x + 7.0F : name.min.x - 7.0F, middle},
                       listing.falling, theme.accent);
        if (places.units && !field.unit.empty()) {
            style.colour = theme.secondary;
            style.size = 12.0F;
            (void)canvas.text({end, middle + 16.0F},
                              canvas.fit(field.unit, style, place.right - place.left), style);
        }
        const std::string next = next_sort(listing, c);
        const Hit hit{"table column " + field.name, cell,
                      fmt::format("set table.{}s.sort {}", rows, quote_word(next))};
        drawn.hits.push_back(hit);
        if (!over) continue;
        drawn.tooltip =
            fmt::format("{}{}\n{}", field.help, field.unit.empty() ? "" : " (" + field.unit + ")",
                        next.empty()            ? "click: not sorted"
                        : next.starts_with('-') ? "click: sort, the largest first"
                        : place.column.words    ? "click: sort, from A on"
                                                : "click: sort, the smallest first");
        if (!pointer.clicked) continue;
        scroll_to_top(context, drawn);
        drawn.commands.push_back(hit.command);
    }
    canvas.line({places.rows.min.x, places.header.max.y}, {places.rows.max.x, places.header.max.y},
                theme.lines, 1.0F);
}

void draw_no_rows(Canvas& canvas, const Theme& theme, const Rect& place,
                  std::string_view sentence) {
    constexpr float kLine = kTextSize + 6.0F;
    const auto most = static_cast<std::size_t>(std::max(1.0F, place.height() / kLine - 1.0F));
    const TextStyle style{theme.secondary, Font::text, kTextSize, Align::centre, Align::start};
    const std::vector<std::string> lines =
        broken_lines(canvas, sentence, style, std::min(place.width() - 32.0F, 520.0F), most);
    float y = place.centre().y - 0.5F * kLine * static_cast<float>(lines.size());
    for (const std::string& line : lines) {
        (void)canvas.text({place.centre().x, y}, line, style);
        y += kLine;
    }
}

void draw_table_foot(Canvas& canvas, const ViewContext& context, const hsa::Listing& listing,
                     const TablePlaces& places) {
    const Theme& theme = context.theme;
    TextStyle style{theme.secondary, Font::text, 12.0F, Align::end, Align::centre};
    float right = places.rows.max.x - 4.0F;
    const TableLayout& columns = places.columns;
    if (columns.beyond + columns.scrolled > 0) {
        const std::string more =
            columns.beyond == 0 ? fmt::format("\u2039 {}", counted(columns.scrolled, "more column"))
            : columns.scrolled == 0
                ? fmt::format("{} \u203a", counted(columns.beyond, "more column"))
                : fmt::format("\u2039 {} \u00b7 {} more columns \u203a", columns.scrolled,
                              columns.beyond);
        // Where the view is hardly higher than its bar, that stands there.
        if (!canvas.has_room({right, places.foot}, more, style)) return;
        right = canvas.text({right, places.foot}, more, style).min.x - 16.0F;
    }
    style.horizontal = Align::start;
    const float left = places.rows.min.x + 4.0F;
    std::string words;
    if (!listing.sort_fault.empty()) {
        words = listing.sort_fault;
        style.colour = theme.warning;
    } else if (!listing.rows.empty()) {
        const std::size_t end = std::min(places.first + places.room, listing.rows.size());
        words = end - places.first == listing.rows.size()
                    ? fmt::format("all {}", counted(listing.rows.size(), "row"))
                    : fmt::format("rows {} to {} of {}", count_text(places.first + 1),
                                  count_text(end), count_text(listing.rows.size()));
        if (listing.rows.size() == 1) words = "1 row";
    }
    words = canvas.fit(words, style, right - left);
    if (words.size() > 3) (void)canvas.label({left, places.foot}, words, style);
}

void draw_table_strip(Canvas& canvas, const Theme& theme, const TablePlaces& places,
                      std::size_t rows) {
    if (rows <= places.room) return;
    const float height = places.strip.height();
    const float thumb =
        std::max(16.0F, height * static_cast<float>(places.room) / static_cast<float>(rows));
    const float along = static_cast<float>(places.first) / static_cast<float>(rows - places.room);
    const float top = places.strip.min.y + (height - thumb) * along;
    canvas.rect({{places.strip.max.x - 5.0F, top}, {places.strip.max.x - 1.0F, top + thumb}},
                theme.lines, 2.0F);
}

}  // namespace splatscope
