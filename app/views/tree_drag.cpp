#include "app/views/tree_drag.h"

#include "app/views/view_names.h"

#include <fmt/core.h>

#include <cmath>

namespace splatscope {

bool TreeDrag::can_hold(const ViewContext& context, const TreeNode& parent) const {
    return context.snapshot.registry->form == hsa::Form::token && parent.level == held_->level + 1U;
}

bool TreeDrag::take(const ViewContext& context, const Pointer& pointer, const TreeNode* under,
                    Drawn& drawn) {
    constexpr float kSlack = 5.0F;
    if (pointer.pressed[0] && under != nullptr && !pointer.shift && !pointer.ctrl) {
        held_ = *under;
        pressed_at_ = pointer.position;
        moving_ = false;
    }
    if (!held_) return false;
    now_ = pointer.position;
    over_.reset();
    if (std::hypot(now_.x - pressed_at_.x, now_.y - pressed_at_.y) > kSlack) moving_ = true;
    const bool moving = moving_;
    if (moving) {
        drawn.animating = true;
        const hsa::Snapshot& snapshot = context.snapshot;
        const std::string child = splat_name(snapshot, held_->id);
        const std::string level = level_name(snapshot, held_->level);
        const std::size_t levels = snapshot.registry->hierarchy.size();
        if (snapshot.registry->form != hsa::Form::token)
            drawn.tooltip = "Splats that were fitted to a head are not edited by hand.";
        else if (held_->level + 1U >= levels)
            drawn.tooltip = fmt::format("{} is of {}, the coarsest level: none can be its parent.",
                                        child, level);
        else if (under == nullptr || under->id == held_->id)
            drawn.tooltip =
                fmt::format("drop {} on a splat of {} to put it there", child,
                            level_name(snapshot, static_cast<std::uint16_t>(held_->level + 1)));
        else if (!can_hold(context, *under))
            drawn.tooltip = fmt::format(
                "{} is of {}: a parent of {} is of the level above, {}.",
                splat_name(snapshot, under->id), level_name(snapshot, under->level), child,
                level_name(snapshot, static_cast<std::uint16_t>(held_->level + 1)));
        else if (under->id == held_->parent)
            drawn.tooltip =
                fmt::format("{} is its parent already", splat_name(snapshot, under->id));
        else
            drawn.tooltip = fmt::format(
                "put {} under {}; it stays there until you undo it or "
                "splats.reparent {} auto",
                child, splat_name(snapshot, under->id), held_->id);
        if (under != nullptr && can_hold(context, *under)) over_ = under->id;
    }
    if (!pointer.down[0]) {
        if (moving && over_ && *over_ != held_->parent)
            drawn.commands.push_back(fmt::format("splats.reparent {} {}", held_->id, *over_));
        held_.reset();
        over_.reset();
        moving_ = false;
    }
    return moving;
}

void TreeDrag::draw(Canvas& canvas, const ViewContext& context, const std::vector<TreeNode>& nodes,
                    bool icicle) const {
    if (!held_ || !moving_) return;
    constexpr float kNode = 9.0F;
    for (const TreeNode& node : nodes) {
        const bool possible = can_hold(context, node);
        const bool over = over_ == node.id;
        if (icicle) {
            const Rect inner{{node.cell.min.x + 1.0F, node.cell.min.y + 1.0F},
                             {node.cell.max.x - 2.0F, node.cell.max.y - 1.0F}};
            if (!possible && node.id != held_->id)
                canvas.rect(node.cell, context.theme.panel.with_alpha(0.6F), 0.0F);
            if (over) canvas.rect(node.cell, context.theme.accent.with_alpha(0.35F), 0.0F);
            if (possible)
                canvas.rect_outline(inner, context.theme.accent, over ? 3.0F : 1.0F, 0.0F);
        } else if (possible) {
            if (over) canvas.circle(node.point, kNode, context.theme.accent.with_alpha(0.35F));
            canvas.circle_outline(node.point, kNode, context.theme.accent, over ? 3.0F : 1.0F);
        }
    }
    const Vec2 from = icicle ? held_->cell.centre() : held_->point;
    canvas.line(from, now_, context.theme.accent, 1.5F);
    canvas.circle(now_, 4.0F, context.theme.accent);
}

}  // namespace splatscope
