#include "app/views/table_columns.h"

#include "app/views/view_names.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace splatscope {
namespace {

constexpr std::size_t kMeasured = 200;  // rows
constexpr float kGap = 16.0F;           // between columns, at least
constexpr float kWidestGap = 40.0F;
constexpr float kLeastWords = 90.0F;    // of words that are cut
constexpr float kWords = 240.0F;        // wider only where there is room left
constexpr float kStandingShare = 0.6F;  // of the width that columns may take which never scroll
constexpr float kUnitSize = 12.0F;
constexpr std::size_t kMostBytes = 400;  // of a cell
constexpr const char* kEllipsis = "\u2026";

// Blanks, tabs and line ends as one blank each run; of a long text as much as a line can hold.
std::string on_one_line(const std::string& text) {
    std::string line;
    for (const char c : text) {
        const bool starts = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
        if (starts && line.size() >= kMostBytes) break;
        const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
        if (!blank) line += c;
        else if (!line.empty() && line.back() != ' ') line += ' ';
    }
    if (!line.empty() && line.back() == ' ') line.pop_back();
    return line;
}

std::size_t decimals_of(const std::string& number) {
    const std::size_t point = number.find('.');
    return point == std::string::npos || number.find('e') != std::string::npos
               ? 0
               : number.size() - point;
}

std::size_t standing_columns(hsa::Things things) { return things == hsa::Things::tokens ? 2 : 3; }

void measure_numbers(const Canvas& canvas, const hsa::Field& field,
                     const std::vector<std::size_t>& rows, TableColumn& column) {
    std::vector<std::string> numbers;
    for (const std::size_t row : rows) {
        numbers.push_back(cell_text(field, row));
        column.decimals = std::max(column.decimals, decimals_of(numbers.back()));
    }
    const float digit = canvas.text_size("0", digit_style({})).x;
    for (const std::string& number : numbers) {
        const float after = digit * static_cast<float>(column.decimals - decimals_of(number));
        const bool power = number.find('e') != std::string::npos;
        column.wanted = std::max(
            column.wanted, canvas.text_size(number, digit_style({})).x + (power ? 0.0F : after));
    }
}

// Words that were to be cut get what room is left, from the left; what is left then goes between.
void spread(TableLayout& layout, float left, float right) {
    float used = 0.0F;
    for (const PlacedColumn& place : layout.shown) used += place.right - place.left;
    const auto gaps = static_cast<float>(layout.shown.size() - 1);
    float room = right - left - used - kGap * gaps;
    std::vector<float> widths;
    for (const PlacedColumn& place : layout.shown) {
        const float width = place.right - place.left;
        const float more = std::clamp(room, 0.0F, std::max(0.0F, place.column.wanted - width));
        widths.push_back(width + more);
        room -= more;
    }
    const float gap = std::clamp(kGap + room / std::max(gaps, 1.0F), kGap, kWidestGap);
    float x = left;
    for (std::size_t c = 0; c < layout.shown.size(); ++c) {
        layout.shown[c].left = x;
        layout.shown[c].right = x + widths[c];
        x += widths[c] + gap;
    }
}

// The usual width, unless there is room for more.
float usual_width(const TableColumn& column) {
    return column.words ? std::min(column.wanted, std::max(kWords, column.least)) : column.wanted;
}

float width_of_first(const std::vector<TableColumn>& columns, std::size_t count) {
    float width = 0.0F;
    for (std::size_t c = 0; c < count; ++c) width += usual_width(columns[c]) + kGap;
    return width;
}

// In their order, the first `standing` without scrolling, not yet spread.
TableLayout in_order(const std::vector<TableColumn>& columns, std::size_t standing,
                     std::size_t scrolled, float left, float right) {
    TableLayout layout;
    const float room = right - left;
    // The last column stops at the right end.
    std::size_t last = columns.size() - 1;
    float width = width_of_first(columns, standing) + usual_width(columns[last]);
    while (last > standing && width + kGap + usual_width(columns[last - 1]) <= room)
        width += kGap + usual_width(columns[--last]);
    layout.scrolled = std::min(scrolled, std::max(last, standing) - standing);
    float x = left;
    for (std::size_t c = 0; c < columns.size(); ++c) {
        if (c >= standing && c < standing + layout.scrolled) continue;
        float wide = usual_width(columns[c]);
        if (x + wide > right) wide = std::max(columns[c].least, std::min(wide, right - x));
        // At least one is there, however small the place.
        if (x + wide > right && layout.shown.empty()) wide = std::max(right - x, 1.0F);
        if (x + wide > right) {
            layout.beyond = columns.size() - c;
            break;
        }
        layout.shown.push_back({columns[c], x, x + wide});
        x += wide + kGap;
    }
    layout.standing = std::min(standing, layout.shown.size());
    return layout;
}

}  // namespace

TextStyle word_style(Colour colour) {
    return {colour, Font::text, kSmallTextSize, Align::start, Align::centre};
}
TextStyle digit_style(Colour colour) {
    return {colour, Font::mono, 12.0F, Align::end, Align::centre};
}

std::string cell_text(const hsa::Field& field, std::size_t row) {
    if (!field.number) return on_one_line(field.words(row));
    const double number = field.number(row);
    return std::isnan(number) ? "\u2013" : number_text(number);
}

std::string cell_tooltip(const hsa::Field& field, std::size_t row) {
    std::string value;
    if (!field.number) {
        value = field.words(row);
    } else {
        const double number = field.number(row);
        value = std::isnan(number) ? "none"
                : field.single     ? fmt::format("{}", static_cast<float>(number))
                                   : raw_text(number);
        if (!field.unit.empty() && !std::isnan(number)) value += " " + field.unit;
    }
    return fmt::format("{}: {}\n{}", field.name, value, field.help);
}

std::vector<TableColumn> measured_columns(const Canvas& canvas, const hsa::Listing& listing) {
    std::vector<std::size_t> rows;
    const std::size_t step = std::max<std::size_t>(1, listing.count / kMeasured);
    for (std::size_t row = 0; row < listing.count; row += step) rows.push_back(row);
    if (listing.count > 0) rows.push_back(listing.count - 1);
    std::vector<TableColumn> columns;
    for (std::size_t f = 0; f < listing.columns.size(); ++f) {
        const hsa::Field& field = listing.columns[f];
        TableColumn column;
        column.field = f;
        column.words = !field.number;
        column.sign = column.words && listing.wanted.things != hsa::Things::tokens &&
                      (field.name == "level" || field.name == "kind");
        if (column.words) {
            const bool named = listing.wanted.things == hsa::Things::splats && field.name == "name";
            for (const std::size_t row : rows) {
                const std::string text = cell_text(field, row);
                column.wanted =
                    std::max(column.wanted,
                             canvas.text_size(named ? shared_path(text) : text, word_style({})).x);
            }
            column.wanted = std::ceil(column.wanted) + 1.0F + (column.sign ? kSign : 0.0F);
        } else {
            measure_numbers(canvas, field, rows, column);
        }
        TextStyle unit = word_style({});
        unit.size = kUnitSize;
        const float header =
            std::ceil(std::max(canvas.text_size(field.name, word_style({})).x + kArrow,
                               canvas.text_size(field.unit, unit).x)) +
            1.0F;
        column.wanted = std::max(column.wanted, header);
        column.least =
            column.words ? std::min(column.wanted, std::max(kLeastWords, header)) : column.wanted;
        columns.push_back(column);
    }
    return columns;
}

TableLayout placed_columns(const std::vector<TableColumn>& columns, hsa::Things things,
                           std::size_t scrolled, float left, float right,
                           std::optional<std::size_t> sorted_by) {
    if (columns.empty()) return {};
    // In small places fewer stand still, so that something is left to scroll.
    std::size_t standing = std::min(standing_columns(things), columns.size());
    while (standing > 1 && width_of_first(columns, standing) > kStandingShare * (right - left))
        --standing;
    TableLayout layout = in_order(columns, standing, scrolled, left, right);
    const auto beyond = columns.end() - static_cast<std::ptrdiff_t>(layout.beyond);
    const auto sorted = std::find_if(beyond, columns.end(), [&](const TableColumn& column) {
        return column.field == sorted_by;
    });
    if (sorted != columns.end()) {
        const auto own = static_cast<std::size_t>(sorted - columns.begin());
        const auto moved_to = [&](std::size_t place) {
            std::vector<TableColumn> moved = columns;
            const auto at = moved.begin() + static_cast<std::ptrdiff_t>(own);
            std::rotate(moved.begin() + static_cast<std::ptrdiff_t>(place), at, at + 1);
            return in_order(moved, place + 1, scrolled, left, right);
        };
        // Names that scroll stand before it until they are scrolled away.
        const std::size_t names = std::min(standing_columns(things), own);
        TableLayout with = moved_to(layout.scrolled == 0 ? names : standing);
        if (with.standing <= names && layout.scrolled == 0) with = moved_to(standing);
        if (with.standing > standing) layout = std::move(with);
    }
    spread(layout, left, right);
    return layout;
}

void draw_cell(Canvas& canvas, const PlacedColumn& place, float middle, const std::string& text,
               Colour colour) {
    if (text.empty()) return;
    if (place.column.words) {
        const float left = place.left + (place.column.sign ? kSign : 0.0F);
        const TextStyle style = word_style(colour);
        const std::string seen = canvas.fit(text, style, place.right - left);
        if (seen != kEllipsis) (void)canvas.text({left, middle}, seen, style);
        return;
    }
    const TextStyle style = digit_style(colour);
    const std::size_t own =
        text.find('e') != std::string::npos ? place.column.decimals : decimals_of(text);
    const float digit = canvas.text_size("0", style).x;
    const float after =
        digit * static_cast<float>(place.column.decimals - std::min(place.column.decimals, own));
    const float room = place.right - place.left;
    if (canvas.text_size(text, style).x + after <= room + 0.5F) {
        (void)canvas.text({place.right - after, middle}, text, style);
        return;
    }
    const std::string seen = canvas.fit(text, style, room);
    if (seen != kEllipsis) (void)canvas.text({place.right, middle}, seen, style);
}

}  // namespace splatscope
