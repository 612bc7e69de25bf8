#include "app/views/flow_table.h"

#include "app/widgets/colour_bar.h"
#include "app/widgets/numbers.h"
#include "app/widgets/text_lines.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace splatscope {
namespace {

constexpr float kTitle = 20.0F;    // the title's line
constexpr float kNumbers = 18.0F;  // column numbers
constexpr float kBar = 40.0F;      // colour bar and its labels
constexpr float kNumber = 20.0F;   // of a row, before its name
constexpr ColourMapName kColours = ColourMapName::puor;
constexpr float kLeastName = 36.0F;  // room in which a name is cut
constexpr float kLeastCell = 12.0F;
constexpr float kTallest = 64.0F;

// Where the cells lie.
struct Grid {
    Rect place;
    float width = 0.0F, height = 0.0F;  // of a cell

    [[nodiscard]] Rect cell(std::size_t row, std::size_t column) const {
        const Vec2 corner{place.min.x + width * static_cast<float>(column),
                          place.min.y + height * static_cast<float>(row)};
        return {corner, {corner.x + width, corner.y + height}};
    }
};

Grid grid_of(const Rect& bounds, std::size_t count, bool bar) {
    const auto cells = static_cast<float>(std::max<std::size_t>(count, 1));
    const float names = std::clamp(0.34F * bounds.width(), 40.0F, 190.0F);
    Grid grid;
    grid.place.min = {bounds.min.x + names, bounds.min.y + kTitle + kNumbers};
    grid.width = (bounds.max.x - grid.place.min.x) / cells;
    grid.height = std::min(
        {(bounds.max.y - (bar ? kBar : 4.0F) - grid.place.min.y) / cells, grid.width, kTallest});
    grid.place.max = {bounds.max.x, grid.place.min.y + grid.height * cells};
    return grid;
}

// How far the colours reach, in decades either way: to the cell that differs most from uniform.
double reach_of(const FlowTable& table) {
    constexpr double kLeast = 0.48, kMost = 1.5;  // a factor of 3, one of 30
    double reach = kLeast;
    for (std::size_t e = 0; e < table.ratio.size(); ++e)
        if (const double ratio = table.ratio.data()[e]; ratio > 0.0)
            reach = std::max(reach, std::abs(std::log10(ratio)));
    return std::min(reach, kMost);
}

// A token's place along the axis of parts, each one wide; nothing beyond them.
std::optional<float> place_of(const FlowTable& table, std::size_t token) {
    for (std::size_t p = 0; p < table.tokens.size(); ++p)
        if (table.tokens[p].contains(token))
            return static_cast<float>(p) + static_cast<float>(token - table.tokens[p].begin) /
                                               static_cast<float>(table.tokens[p].size());
    return std::nullopt;
}

// Begin and end of a range along that axis.
std::optional<std::pair<float, float>> stretch_of(const FlowTable& table, const hsa::Range& range) {
    if (range.empty()) return std::nullopt;
    const auto begin = place_of(table, range.begin);
    const auto last = place_of(table, range.end - 1);
    if (!begin || !last) return std::nullopt;
    // The end of the last token.
    const auto part = static_cast<std::size_t>(*last);
    const float end = *last + 1.0F / static_cast<float>(table.tokens[part].size());
    return std::pair{*begin, end};
}

void draw_selection(Canvas& canvas, const ViewContext& context, const FlowTable& table,
                    const Grid& grid) {
    const hsa::Selection& selection = context.session.document.selection;
    const Colour accent = context.theme.accent;
    if (selection.block) {
        const auto rows = stretch_of(table, selection.block->rows);
        const auto columns = stretch_of(table, selection.block->columns);
        if (rows && columns) {
            Rect place{{grid.place.min.x + columns->first * grid.width,
                        grid.place.min.y + rows->first * grid.height},
                       {grid.place.min.x + columns->second * grid.width,
                        grid.place.min.y + rows->second * grid.height}};
            place.max.x = std::max(place.max.x, place.min.x + 3.0F);
            place.max.y = std::max(place.max.y, place.min.y + 3.0F);
            canvas.rect_outline(place, accent, 2.0F);
        }
    }
    for (const hsa::Range& range : selection.tokens)
        if (const auto rows = stretch_of(table, range))
            canvas.rect({{grid.place.min.x - 4.0F, grid.place.min.y + rows->first * grid.height},
                         {grid.place.min.x - 1.0F,
                          grid.place.min.y + std::max(rows->second * grid.height,
                                                      rows->first * grid.height + 3.0F)}},
                        accent);
}

void draw_names(Canvas& canvas, const Theme& theme, const FlowTable& table, const Rect& bounds,
                const Grid& grid) {
    const TextStyle number{theme.secondary, Font::mono, 12.0F, Align::centre, Align::end};
    TextStyle row_number = number;
    row_number.horizontal = Align::end;
    row_number.vertical = Align::centre;
    TextStyle name{theme.text, Font::text, kSmallTextSize, Align::start, Align::centre};
    const float left = bounds.min.x + kNumber;
    const float room = grid.place.min.x - 8.0F - left;
    const std::vector<std::string> words = fit_apart(canvas, table.names, name, room);
    for (std::size_t p = 0; p < table.names.size(); ++p) {
        const Rect cell = grid.cell(p, p);
        const std::string digits = std::to_string(p + 1);
        (void)canvas.label({cell.centre().x, grid.place.min.y - 4.0F}, digits, number);
        if (!canvas.label({left - 4.0F, cell.centre().y}, digits, row_number)) continue;
        if (room < kLeastName && words[p] != table.names[p]) continue;  // a letter says nothing
        name.colour = table.colours.empty() ? theme.text : table.colours[p];
        (void)canvas.label({left, cell.centre().y}, words[p], name);
    }
}

}  // namespace

FlowTable table_of_parts(const hsa::Flow& flow) {
    FlowTable table;
    table.title = flow.by_sections ? "from section (row) to section (column)"
                                   : "from stretch (row) to stretch (column)";
    const std::size_t parts = flow.parts.size();
    const auto n = static_cast<double>(flow.parts.empty() ? 1 : flow.parts.back().tokens.end);
    table.share = flow.between;
    table.ratio = hsa::Matrix<double>(parts, parts);
    for (std::size_t r = 0; r < parts; ++r)
        for (std::size_t c = 0; c < parts; ++c)
            table.ratio(r, c) =
                flow.between(r, c) * n / static_cast<double>(flow.parts[c].tokens.size());
    for (const hsa::FlowPart& part : flow.parts) {
        table.names.push_back(part.title.empty() ? "(no heading)" : part.title);
        table.tokens.push_back(part.tokens);
    }
    return table;
}

FlowTable table_of_levels(const hsa::Flow& flow, const Theme& theme) {
    FlowTable table;
    table.title = "from level (row) to level (column)";
    table.names = flow.levels;
    const std::size_t levels = flow.levels.size();
    table.share = hsa::Matrix<double>(levels, levels);
    table.ratio = hsa::Matrix<double>(levels, levels);
    std::vector<double> usage(levels, 0.0);
    for (std::size_t l = 0; l < levels; ++l)
        for (std::size_t m = 0; m < levels; ++m) usage[l] += flow.levels_between(l, m);
    for (std::size_t l = 0; l < levels; ++l) {
        table.colours.push_back(text_colour(
            theme, flow.levels[l] == "background" ? background_splat_colour() : level_colour(l)));
        for (std::size_t m = 0; m < levels; ++m) {
            table.share(l, m) = usage[l] > 0.0 ? flow.levels_between(l, m) / usage[l] : 0.0;
            table.ratio(l, m) = usage[m] > 0.0 ? table.share(l, m) / usage[m] : 0.0;
        }
    }
    return table;
}

float least_table_height(std::size_t rows) {
    return kTitle + kNumbers + kBar + kLeastCell * static_cast<float>(rows);
}

float draw_flow_table(Canvas& canvas, const ViewContext& context, const FlowTable& table,
                      const Rect& bounds, const Pointer& pointer, Drawn& drawn) {
    const Theme& theme = context.theme;
    const std::size_t count = table.names.size();
    if (count == 0 || bounds.width() < 100.0F || bounds.height() < 60.0F) return bounds.min.y;
    const bool bar = !table.tokens.empty();
    const Grid grid = grid_of(bounds, count, bar);
    if (grid.height < 2.0F) return bounds.min.y;
    const TextStyle title{theme.text, Font::text, kSmallTextSize, Align::start, Align::start};
    (void)canvas.label(bounds.min, canvas.fit(table.title, title, bounds.width()), title);

    const double reach = reach_of(table);
    const bool roomy = grid.width >= 36.0F && grid.height >= 15.0F;
    const auto colour_of = [&](double ratio) {
        return ratio > 0.0 ? colour_at(kColours, 0.5 + 0.5 * std::log10(ratio) / reach)
                           : theme.background;
    };
    for (std::size_t r = 0; r < count; ++r)
        for (std::size_t c = 0; c < count; ++c) {
            const Rect cell = grid.cell(r, c);
            canvas.rect({cell.min, {cell.max.x - 1.0F, cell.max.y - 1.0F}},
                        colour_of(table.ratio(r, c)));
        }
    // Below the numbers, which it would strike through.
    draw_selection(canvas, context, table, grid);
    for (std::size_t r = 0; r < count; ++r)
        for (std::size_t c = 0; c < count; ++c) {
            const Rect cell = grid.cell(r, c);
            const double ratio = table.ratio(r, c);
            const Colour colour = colour_of(ratio);
            const bool under = pointer.inside && cell.contains(pointer.position);
            if (roomy) {
                TextStyle style{readable_on(colour), Font::mono,    12.0F,
                                Align::centre,       Align::centre, colour};
                const std::string words = percent_text(table.share(r, c));
                if (canvas.text_size(words, style).x < grid.width - 4.0F)
                    canvas.text({cell.centre().x - 0.5F, cell.centre().y - 0.5F}, words, style);
            }
            if (under)
                drawn.tooltip = fmt::format(
                    "from {} {}\nto {} {}\n{} of its attention, {}{}", r + 1, table.names[r], c + 1,
                    table.names[c], percent_text(table.share(r, c)), uniform_text(ratio),
                    table.tokens.empty() ? "" : "\nclick selects the block");
            if (table.tokens.empty()) continue;
            const Hit hit{fmt::format("flow {} {}", r, c), cell,
                          fmt::format("select.block {} {}", range_argument(table.tokens[r]),
                                      range_argument(table.tokens[c]))};
            drawn.hits.push_back(hit);
            if (under && pointer.clicked) drawn.commands.push_back(hit.command);
        }
    draw_names(canvas, theme, table, bounds, grid);
    if (!bar) return grid.place.max.y;
    const float top = grid.place.max.y + 8.0F;
    draw_colour_bar(canvas, theme,
                    {{grid.place.min.x, top},
                     {grid.place.min.x + std::min(200.0F, grid.place.width()), top + 8.0F}},
                    colour_table(kColours),
                    {std::pow(10.0, -reach), std::pow(10.0, reach), AxisScale::ratio},
                    grid.place.width() > 400.0F ? "attention against uniform" : "");
    return top + kBar - 8.0F;
}

}  // namespace splatscope
