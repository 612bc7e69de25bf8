#include "app/views/tree_motion.h"

#include <utility>

namespace splatscope {
namespace {

constexpr double kSeconds = 0.15;

Vec2 between(Vec2 a, Vec2 b, float t) { return {a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)}; }

}  // namespace

bool TreeMotion::move(std::vector<TreeNode>& nodes, const Rect& plot, bool exporting) {
    if (exporting) return false;
    std::map<hsa::SplatId, Place> target;
    for (const TreeNode& node : nodes) target[node.id] = {node.cell, node.point};
    if (!(plot == plot_) || shown_.empty()) {
        started_ = {};
        plot_ = plot;
        to_ = target;
    } else if (target != to_) {
        from_ = shown_;
        to_ = target;
        started_ = Clock::now();
    }
    const std::chrono::duration<double> passed = Clock::now() - started_;
    const double part = passed.count() / kSeconds;
    if (part >= 1.0) {
        shown_ = std::move(target);
        return false;
    }
    const auto t = static_cast<float>(part * part * (3.0 - 2.0 * part));
    shown_.clear();
    for (TreeNode& node : nodes) {
        // A new one comes out of its parent, where that was drawn.
        auto before = from_.find(node.id);
        if (before == from_.end()) before = from_.find(node.parent);
        if (before != from_.end()) {
            node.cell = {between(before->second.cell.min, node.cell.min, t),
                         between(before->second.cell.max, node.cell.max, t)};
            node.point = between(before->second.point, node.point, t);
        }
        shown_[node.id] = {node.cell, node.point};
    }
    return true;
}

}  // namespace splatscope
