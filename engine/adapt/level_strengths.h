#pragma once

#include "engine/adapt/cycle_context.h"
#include "engine/adapt/draft.h"

#include <vector>

namespace hsa {

// How levels hold each other during adaptation (settings levels.from_children, levels.from_parent).
// Levels have coordinates of their own, so that moments are compared through tokens: K(.|s) gives
// each splat the mean m(s) and variance v(s) of its tokens in its own level's coordinates.
//
// Bottom-up, by the share b: a parent's tokens are to be those of the merge of its children,
// weights by their mass: centre += b (m' - m), ln variance += b (ln v' - ln v), m' and v' the
// moments of sum_c w_c K(.|c) in the parent's coordinates; where they agree nothing moves.
// Top-down, with a prior worth q tokens: a child of r = n u tokens moves by q / (q + r) towards the
// moments of K(.|parent) in its own coordinates, the same way.
//
// Where paths are remembered (paths.h), a child counts by the share that its parent has of it.
//
// Variances move by a factor of 2 a cycle at most; of splats with a shape (lowrank, full) only the
// centre moves. Tokens: the columns of the cycle.
struct LevelStrengths {
    double from_children = 0.0;  // b, 0..1
    double from_parent = 0.0;    // q, tokens, >= 0
};

// Moves the splats of the draft, parents first from the finest level up, then children from the
// coarsest down, writes an event a level that moved, and puts the level's new KL on V into `probe`
// [levels]. Whatever it costs: a strength is asked for.
void apply_level_strengths(const CycleContext& context, const LevelStrengths& strengths,
                           Draft& draft, std::vector<double>& probe);

}  // namespace hsa
