#include "app/views/tree_layout.h"

#include <algorithm>
#include <functional>
#include <map>

namespace splatscope {

float tree_level_y(const Rect& plot, std::size_t level, std::size_t levels) {
    const std::size_t row = levels - 1 - level;
    return plot.min.y +
           plot.height() * (static_cast<float>(row) + 0.5F) / static_cast<float>(levels);
}

std::vector<TreeNode> tree_layout(const hsa::SplatRegistry& registry, std::span<const double> usage,
                                  const std::set<hsa::SplatId>& collapsed, const Rect& plot) {
    const std::size_t levels = registry.hierarchy.size();
    std::vector<TreeNode> nodes;
    std::map<hsa::SplatId, std::size_t> place;  // order of a drawn splat in its level
    std::set<hsa::SplatId> hidden;
    for (std::size_t l = levels; l-- > 0;) {
        std::vector<TreeNode> row;
        double total = 0.0;
        for (std::size_t s = 0; s < registry.size(); ++s) {
            if (registry.level[s] != l) continue;
            TreeNode node;
            node.id = registry.id[s];
            node.parent = registry.parent[s];
            node.level = static_cast<std::uint16_t>(l);
            node.usage = usage[s];
            if (collapsed.count(node.parent) > 0 || hidden.count(node.parent) > 0) {
                hidden.insert(node.id);
                continue;
            }
            node.folded = collapsed.count(node.id) > 0 && !registry.children(node.id).empty();
            total += node.usage;
            row.push_back(node);
        }
        const auto parent_place = [&](const TreeNode& node) {
            const auto found = place.find(node.parent);
            return found == place.end() ? registry.size() : found->second;
        };
        std::stable_sort(row.begin(), row.end(), [&](const TreeNode& a, const TreeNode& b) {
            const std::size_t pa = parent_place(a);
            const std::size_t pb = parent_place(b);
            return pa != pb ? pa < pb : a.usage > b.usage;
        });
        const float height = plot.height() / static_cast<float>(levels);
        const float top = tree_level_y(plot, l, levels) - 0.5F * height;
        double before = 0.0;
        for (std::size_t i = 0; i < row.size(); ++i) {
            TreeNode& node = row[i];
            const double share =
                total > 0.0 ? node.usage / total : 1.0 / static_cast<double>(row.size());
            const float left = plot.min.x + plot.width() * static_cast<float>(before);
            const float right = plot.min.x + plot.width() * static_cast<float>(before + share);
            before += share;
            node.cell = {{left, top + 1.0F}, {right, top + height - 1.0F}};
            node.point = node.cell.centre();
            node.order = i;
            place[node.id] = i;
        }
        nodes.insert(nodes.end(), row.begin(), row.end());
    }
    return nodes;
}

float place_tidily(std::vector<TreeNode>& nodes, const Rect& plot) {
    std::map<hsa::SplatId, std::vector<std::size_t>> children;  // in the order they are drawn
    std::set<hsa::SplatId> drawn;
    for (const TreeNode& node : nodes) drawn.insert(node.id);
    std::vector<std::size_t> roots;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (drawn.count(nodes[i].parent) > 0) children[nodes[i].parent].push_back(i);
        else roots.push_back(i);
    }
    std::vector<float> column(nodes.size(), 0.0F);
    float next = 0.0F;
    const std::function<void(std::size_t)> place = [&](std::size_t i) {
        const auto its = children.find(nodes[i].id);
        if (its == children.end()) {
            column[i] = next++;
            return;
        }
        for (const std::size_t child : its->second) place(child);
        column[i] = 0.5F * (column[its->second.front()] + column[its->second.back()]);
    };
    for (const std::size_t root : roots) place(root);
    const float width = plot.width() / std::max(next, 1.0F);
    for (std::size_t i = 0; i < nodes.size(); ++i)
        nodes[i].point.x = plot.min.x + width * (column[i] + 0.5F);
    return width;
}

}  // namespace splatscope
