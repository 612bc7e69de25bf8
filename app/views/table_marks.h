#pragma once

#include "app/views/view.h"
#include "engine/explain/listing.h"

#include <cstddef>
#include <string>
#include <vector>

namespace splatscope {

// What a row of the table is in the session: how it is selected, and what sends that.

enum class RowState : std::uint8_t { plain, lit, selected };

// Of a row (of all things, as in Listing::rows).
[[nodiscard]] RowState state_of(const ViewContext& context, const hsa::Listing& listing,
                                std::size_t row);
// "splat 17", "token 120", "event 4".
[[nodiscard]] std::string id_of(const hsa::Listing& listing, std::size_t row);
// The line that selects these rows, adds them ("add ") or takes them away ("remove "); of events
// the last one.
[[nodiscard]] std::string selecting_line(const hsa::Listing& listing, const char* how,
                                         std::vector<std::size_t> rows);
// What is lit, for all the views to agree on.
void add_lit(const ViewContext& context, const hsa::Listing& listing, Drawn& drawn);

// The small shape before a row's words in a column that has one: the level's colour, the event's
// kind.
void draw_sign(Canvas& canvas, const ViewContext& context, const hsa::Field& field,
               const std::string& words, Vec2 middle);

}  // namespace splatscope
