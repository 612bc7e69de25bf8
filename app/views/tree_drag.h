#pragma once

#include "app/views/tree_layout.h"
#include "app/views/view.h"

#include <optional>
#include <vector>

namespace splatscope {

// A node that is dragged onto another becomes its child (splats.reparent). While it is under way
// the nodes that can be its parent are outlined, the others step back, and the tooltip says what
// letting go would do, or why it is not possible.
class TreeDrag {
  public:
    // `under`: the node at the pointer, or null. True while a node is held and moved: a click means
    // nothing then.
    bool take(const ViewContext& context, const Pointer& pointer, const TreeNode* under,
              Drawn& drawn);
    void draw(Canvas& canvas, const ViewContext& context, const std::vector<TreeNode>& nodes,
              bool icicle) const;

    // The button may go up while no tree is drawn.
    void drop() {
        held_.reset();
        over_.reset();
        moving_ = false;
    }

  private:
    [[nodiscard]] bool can_hold(const ViewContext& context, const TreeNode& parent) const;

    std::optional<TreeNode> held_;
    std::optional<hsa::SplatId> over_;
    Vec2 pressed_at_;
    Vec2 now_;
    bool moving_ = false;
};

}  // namespace splatscope
