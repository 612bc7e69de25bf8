#pragma once

#include "engine/core/work.h"
#include "engine/explain/cards.h"
#include "engine/model/factors.h"

#include <cstddef>
#include <vector>

namespace hsa {

struct ChangedRows {
    std::vector<ChangedRow>
        rows;           // falling L1, ties by lower row; rows that did not change are left out
    bool exact = true;  // false: the search stopped with rows left that may have changed more
};

// The `count` rows of A that differ most between two sets of factors of the same tokens, by L1. A
// row differs at most by sum_s |dP(s)| + sum_s P(s) |dK(.|s)|, and by what its exact pairs change
// by: rows are formed by falling bound
// until none that is left can change more, 2^25 cells a side at most. Throws Error when the tokens
// differ, Cancelled.
[[nodiscard]] ChangedRows changed_rows(const Factors& before, const Factors& after,
                                       std::size_t count, const Work& work);

}  // namespace hsa
