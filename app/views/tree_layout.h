#pragma once

#include "app/render/canvas.h"
#include "engine/model/splat_registry.h"

#include <set>
#include <span>
#include <vector>

namespace splatscope {

// One splat of the tree where it is drawn: its cell in the icicle, its point in the node-link
// picture.
struct TreeNode {
    hsa::SplatId id = hsa::kNoSplat;
    hsa::SplatId parent = hsa::kNoSplat;
    std::uint16_t level = 0;
    double usage = 0.0;
    Rect cell;
    Vec2 point;
    std::size_t order = 0;  // from the left in its level
    bool folded = false;    // has children that are not drawn
};

// Coarsest level above. Every level fills the whole width, its splats in the order of their parents
// and, under one parent, by falling usage; widths are usage within the level, so that a level of
// equal splats reads as equal cells. Children of `collapsed` splats are left out.
[[nodiscard]] std::vector<TreeNode> tree_layout(const hsa::SplatRegistry& registry,
                                                std::span<const double> usage,
                                                const std::set<hsa::SplatId>& collapsed,
                                                const Rect& plot);

// Moves the points of a node-link picture: every splat without drawn children has a column of its
// own, all of one width, and every other stands over the middle of its children, so that no edges
// cross. Returns the width of a column.
float place_tidily(std::vector<TreeNode>& nodes, const Rect& plot);

// The middle of a level's row.
[[nodiscard]] float tree_level_y(const Rect& plot, std::size_t level, std::size_t levels);

}  // namespace splatscope
