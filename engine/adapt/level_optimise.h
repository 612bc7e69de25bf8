#pragma once

#include "engine/adapt/edits.h"

#include <cstddef>

namespace hsa {

// L = 1 + log_b(n / n0): a level for every eightfold of 40 tokens, so that 20,000 have four, as the
// recipe gives them (defaults.md).
inline constexpr double kLevelLength = 40.0;
inline constexpr double kLevelFactor = 8.0;
[[nodiscard]] double levels_by_length(std::size_t tokens);

// What a change of levels may cost, or must gain, in row-KL: a level that goes may raise it by this
// share at most, one that comes must lower it by this share at least; and no more, or no less, than
// its splats are worth, adapt.lambda each.
inline constexpr double kLevelShare = 0.01;

// Where a level is wanted most: how many levels are finer than the new one. Between the two
// neighbours whose numbers of splats differ most, or beyond the coarsest where no two differ by a
// factor of more than two.
[[nodiscard]] std::size_t widest_gap(const SplatRegistry& registry);
// A name that no level has: "Level 5".
[[nodiscard]] std::string free_level_name(const Hierarchy& hierarchy);

// Removes the level that can be spared best, or else adds one where it is wanted most, for as long
// as the rows V support it: the change of their row-KL, d with its standard error se, must satisfy
// d + 2 se < price for a level that goes and d + se < -price for one that comes (adaptation.md 4).
// `edit.values`: the least and the most levels; `edit.kept`: levels that do not go. Each change is
// an Event with these numbers; when nothing is supported, one refused event says so. Throws Error
// without a target.
[[nodiscard]] CycleResult optimise_levels(Backend& backend, const AdaptInput& input,
                                          const AdaptState& state, const Edit& edit,
                                          const Work& work);

}  // namespace hsa
