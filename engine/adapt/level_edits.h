#pragma once

#include "engine/adapt/edits.h"

#include <cstddef>

namespace hsa {

// So many levels can be told apart and named; more are refused.
inline constexpr std::size_t kMostLevels = 16;

// What a level gets that comes between two others, or to either end, where nothing is said
// (rulings.md "The recipe's corners": counts and h in the log, weights linearly).
struct NewLevel {
    double h = 0.0;          // smoothing in tokens; 0 in rows without order, and of the finest
    std::size_t splats = 1;  // at most a quarter of the tokens
    double share = 0.0;      // of attention
};
// `index`: how many levels are finer.
[[nodiscard]] NewLevel level_between(const SplatRegistry& registry, const Coordinates& coordinates,
                                     bool ordered, std::size_t index);

// Adds, removes or renames a level (Edit::Kind): the new state, whose registry carries the
// coordinates of its levels, and one Event of kind `level` with the row-KL before and after.
// Parents are made anew, level shares are kept. Throws Error for a name that is taken or unknown, a
// number of splats that cannot be, the last level, more than kMostLevels.
[[nodiscard]] CycleResult apply_level_edit(Backend& backend, const AdaptInput& input,
                                           const AdaptState& state, const Edit& edit,
                                           const Work& work);

}  // namespace hsa
