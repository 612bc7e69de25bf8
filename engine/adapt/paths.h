#pragma once

#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/model/adapt_state.h"
#include "engine/model/coordinates.h"
#include "engine/model/splat_registry.h"

#include <map>
#include <vector>

namespace hsa {

// Paths between levels that use reinforces: what a child passes to each parent (level_overlaps) is
// remembered over the cycles, M <- m M + (1 - m) share, m = levels.memory. The parent is the one
// with the most of it, so that one odd cycle does not turn a branch of the tree, and what is no
// longer used fades. A new splat begins with the shares of now; those of a splat that is gone, or
// no longer one level up, are dealt to the parents that stay, in proportion.
using Paths = std::map<SplatId, std::vector<PathShare>>;

// Brings `paths` to this cycle and gives every splat below the coarsest level its parent. With a
// memory of 1 only splats without a path are looked at: an edit is no cycle. Throws Cancelled.
void reinforce_paths(Backend& backend, const Coordinates& coordinates, double memory,
                     SplatRegistry& registry, Paths& paths, const Work& work);

// The remembered share that a child's parent has: by it levels hold each other
// (level_strengths.h). 1 where nothing is remembered.
[[nodiscard]] double held_share(const Paths& paths, SplatId child, SplatId parent);

}  // namespace hsa
