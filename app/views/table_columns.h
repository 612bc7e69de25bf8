#pragma once

#include "app/render/canvas.h"
#include "app/widgets/theme.h"
#include "engine/explain/listing.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace splatscope {

// The columns of the table: what a cell says and where it stands.

// A cell for people: a number of three digits, words on one line, a dash where there is no value.
[[nodiscard]] std::string cell_text(const hsa::Field& field, std::size_t row);
// The same whole, with its unit, for a tooltip.
[[nodiscard]] std::string cell_tooltip(const hsa::Field& field, std::size_t row);

[[nodiscard]] TextStyle word_style(Colour colour);
[[nodiscard]] TextStyle digit_style(Colour colour);

struct TableColumn {
    std::size_t field = 0;     // of the listing
    bool words = false;        // at the left of its place; numbers stand under their points
    bool sign = false;         // a small shape stands before the words
    float wanted = 0.0F;       // width that shows everything
    float least = 0.0F;        // of words that may be cut
    std::size_t decimals = 0;  // letters from the point on, of the longest number
};

inline constexpr float kSign = 14.0F;   // a shape before words, with its gap
inline constexpr float kArrow = 12.0F;  // beside the name of the column that rows are sorted by

// How wide the columns want to be, by some rows spread over all.
[[nodiscard]] std::vector<TableColumn> measured_columns(const Canvas& canvas,
                                                        const hsa::Listing& listing);

// A column in its place.
struct PlacedColumn {
    TableColumn column;
    float left = 0.0F, right = 0.0F;
};
struct TableLayout {
    std::vector<PlacedColumn> shown;
    std::size_t standing = 0;  // of them, those that never scroll away
    std::size_t scrolled = 0;  // columns left out before the others: what was asked for, or less
    std::size_t beyond = 0;    // and those for which there is no room at the right
};

// From `left` to `right`: the columns that name a thing, then the others from the `scrolled`th on.
// That of the field `sorted_by`, where there is no room for it in its turn, stands right after
// those that name a thing, or those of them that there is room for, and does not scroll.
[[nodiscard]] TableLayout placed_columns(const std::vector<TableColumn>& columns,
                                         hsa::Things things, std::size_t scrolled, float left,
                                         float right, std::optional<std::size_t> sorted_by = {});

// The text in its place at the height `middle`: never beyond it.
void draw_cell(Canvas& canvas, const PlacedColumn& place, float middle, const std::string& text,
               Colour colour);

}  // namespace splatscope
