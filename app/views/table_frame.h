#pragma once

#include "app/views/table_columns.h"
#include "app/views/view.h"
#include "engine/explain/listing.h"

#include <cstddef>
#include <string_view>

namespace splatscope {

// What stands around the table's rows: names of columns above, what is shown below, a strip beside.

inline constexpr float kTableRow = 20.0F;  // height

// Where everything stands in a frame.
struct TablePlaces {
    Rect header, rows;
    bool units = false;     // in a line of their own, under the names of columns
    float foot = 0.0F;      // middle of the line below
    Rect strip;             // of the whole table, beside the rows
    std::size_t room = 1;   // whole rows
    std::size_t first = 0;  // of the listing
    TableLayout columns;

    [[nodiscard]] Rect row(std::size_t index) const {
        const float top = rows.min.y + kTableRow * static_cast<float>(index - first);
        return {{rows.min.x, top}, {rows.max.x, top + kTableRow}};
    }
};

// Names and units; a click on a name sorts by its column.
void draw_table_header(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                       const hsa::Listing& listing, const TablePlaces& places, Drawn& drawn);
// Which rows these are, and whether columns are out of sight.
void draw_table_foot(Canvas& canvas, const ViewContext& context, const hsa::Listing& listing,
                     const TablePlaces& places);
// Which part of so many rows is shown; nothing where it is all.
void draw_table_strip(Canvas& canvas, const Theme& theme, const TablePlaces& places,
                      std::size_t rows);
// Why there are no rows: as much of the sentence as has room.
void draw_no_rows(Canvas& canvas, const Theme& theme, const Rect& place, std::string_view sentence);

}  // namespace splatscope
