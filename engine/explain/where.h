#pragma once

#include "engine/snapshot.h"

#include <cstddef>
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

}  // namespace hsa
