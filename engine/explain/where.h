#pragma once

#include "engine/explain/listing.h"
#include "engine/snapshot.h"

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace hsa {

// What an expression (explain/expression.h) holds for.
struct Found {
    bool splats = false;             // rows of the registry; false: tokens
    std::vector<std::size_t> which;  // rising; may be empty
};

// Asks all splats or all tokens, whichever the expression's properties (explain/fields.h) are of;
// `splat.` or `token.` before a name says which where both have it. k, n and cycle are how many
// splats and tokens there are and the cycle shown. Throws Error (usage) with the column for what is
// no expression, for a name that nothing has, and for one that names properties of both or of none.
[[nodiscard]] Found find_where(const Snapshot& snapshot, std::string_view expression);

// The same of things that are known, with their fields and `count`: rising, may be empty. splat.,
// token. or event. may stand before a name.
[[nodiscard]] std::vector<std::size_t> find_rows(const Snapshot& snapshot, Things things,
                                                 std::span<const Field> fields, std::size_t count,
                                                 std::string_view expression);

}  // namespace hsa
