#pragma once

#include "engine/explain/listing.h"

#include <cstddef>
#include <string>

namespace splatscope {

// One kind of rows in the table.
struct TableRows {
    std::string sort;    // a column, with - before it from the largest down; empty = by number
    std::string filter;  // an expression; empty = all
    bool operator==(const TableRows&) const = default;
};
struct TableDesk {
    hsa::Things rows = hsa::Things::splats;
    TableRows splats, tokens, events;
    double scroll = 0.0;     // first visible row
    std::size_t column = 0;  // columns scrolled away, after those that always stand at the left

    // What the table lists.
    [[nodiscard]] hsa::ListingWanted wanted() const {
        const TableRows& of = rows == hsa::Things::splats   ? splats
                              : rows == hsa::Things::tokens ? tokens
                                                            : events;
        return {rows, of.filter, of.sort};
    }
    bool operator==(const TableDesk&) const = default;
};

}  // namespace splatscope
