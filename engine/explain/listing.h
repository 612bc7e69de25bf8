#pragma once

#include "engine/core/work.h"
#include "engine/explain/expression.h"
#include "engine/snapshot.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hsa {

// What rows are of: splats by rows of the registry, tokens by index, events by their number in the
// history.
enum class Things : std::uint8_t { splats, tokens, events };

// "splat", "token", "event".
[[nodiscard]] const char* name_of(Things things);

struct ListingWanted {
    Things things = Things::splats;
    std::string filter;  // an expression (explain/expression.h); empty = all
    std::string sort;    // a column, with - before it from the largest down; empty = by number
    bool operator==(const ListingWanted&) const = default;
};

// A table: what is asked of a snapshot's things, and which of them stand where.
struct Listing {
    std::shared_ptr<const Snapshot> of;  // what the columns read
    ListingWanted wanted;
    std::vector<Field> columns;            // explain/fields.h
    std::size_t count = 0;                 // of all things
    std::vector<std::uint32_t> rows;       // those that the filter leaves, in order
    std::optional<std::size_t> sorted_by;  // a column
    bool falling = false;
    std::string filter_fault;  // what is wrong with the filter, a sentence: then there are no rows
    std::string sort_fault;    // the same of the column: then rows stand by number
};

// Numbers rise or fall by value, words by their letters, ASCII ones whatever their case; what has
// no value stands last either way, and equals by number. `previous`: columns of the same snapshot
// and things are taken from it; may be null. Throws Cancelled.
[[nodiscard]] Listing make_listing(std::shared_ptr<const Snapshot> snapshot,
                                   const ListingWanted& wanted, const Listing* previous,
                                   const Work& work);

// Throws Error (usage) as make_listing's filter_fault says it, from names and types alone: no
// column is computed and no row looked at. Without data every filter will do.
void check_filter(const Snapshot& snapshot, Things things, std::string_view filter);

// Some columns are computed when they are first asked for: afterwards they are there, and several
// threads may read them.
void compute_columns(const Listing& listing, const Work& work);

// A line of names, then a line a row (RFC 4180; io/csv.h): numbers in the shortest decimals that
// give them back, empty where there is none.
[[nodiscard]] std::string write_listing_csv(const Listing& listing, const Work& work);

}  // namespace hsa
