#pragma once

#include "app/views/tree_layout.h"

#include <chrono>
#include <map>
#include <vector>

namespace splatscope {

// Eases the nodes from where they were drawn to a new layout in 150 ms. A panel of another size is
// laid out at once, and so is every export.
class TreeMotion {
  public:
    // Moves `nodes` to where they stand now; true while they are on their way.
    bool move(std::vector<TreeNode>& nodes, const Rect& plot, bool exporting);

  private:
    using Clock = std::chrono::steady_clock;
    struct Place {
        Rect cell;
        Vec2 point;
        bool operator==(const Place&) const = default;
    };
    std::map<hsa::SplatId, Place> from_, shown_, to_;
    Rect plot_;
    Clock::time_point started_;
};

}  // namespace splatscope
