#pragma once

#include "engine/explain/lineage.h"

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace splatscope {

// Which lane of the lineage a splat's line runs in. A lane is one line through time: the first that
// comes out of a split or a merge goes on in the lane it came from.
struct LineageLine {
    const hsa::Life* life = nullptr;
    std::size_t lane = 0;  // in its group, from above
    std::size_t group = 0;
};

// The lanes of one level.
struct LineageGroup {
    std::string level;
    std::size_t lanes = 0;
    std::size_t folded = 0;  // splats of it that are not drawn
};

struct LineageLanes {
    std::vector<LineageLine> lines;  // by id
    std::vector<LineageGroup> groups;

    [[nodiscard]] std::size_t lanes() const;
    [[nodiscard]] std::size_t folded() const;
    [[nodiscard]] const LineageLine* find(hsa::SplatId id) const;
};

// Lanes for the splats that `shown` names, a group a level in the order of `levels`; relatives side
// by side, in the order they came.
[[nodiscard]] LineageLanes lineage_lanes(const hsa::Lineage& lineage,
                                         const std::vector<std::string>& levels,
                                         const std::set<hsa::SplatId>& shown);

// Splats that an event made or ended, and those that one came from.
[[nodiscard]] std::set<hsa::SplatId> with_events(const hsa::Lineage& lineage);
// These splats with all they came from and all that came of them.
[[nodiscard]] std::set<hsa::SplatId> families_of(const hsa::Lineage& lineage,
                                                 const std::vector<hsa::SplatId>& ids);
// As many whole families as `fits` allows: those of `first`, then the others, the largest first; a
// smaller one may take room that a larger one does not have.
[[nodiscard]] std::set<hsa::SplatId> largest_families(
    const hsa::Lineage& lineage, const std::vector<hsa::SplatId>& first,
    const std::function<bool(const std::set<hsa::SplatId>&)>& fits);

}  // namespace splatscope
