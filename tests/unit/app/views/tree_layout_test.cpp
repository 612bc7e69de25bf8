#include "app/views/tree_layout.h"

#include "tests/catch.h"

#include <algorithm>
#include <map>
#include <vector>

namespace splatscope {
namespace {

constexpr Rect kPlot = {{10, 20}, {410, 220}};

// Two coarse splats with three and two children; ids 0 and 1 are coarse.
hsa::SplatRegistry family() {
    hsa::SplatRegistry registry;
    registry.dimension = 1;
    registry.hierarchy.levels = {{"Fine", 0.5}, {"Coarse", 0.5}};
    hsa::Splat splat;
    splat.centre = {0};
    splat.variance = {1};
    const std::vector<hsa::SplatId> parents = {hsa::kNoSplat, hsa::kNoSplat, 1, 0, 0, 1, 0};
    for (std::size_t s = 0; s < parents.size(); ++s) {
        splat.level = s < 2 ? 1 : 0;
        (void)registry.add(splat);
        registry.parent[s] = parents[s];
    }
    return registry;
}
const std::vector<double> kUsage = {0.3, 0.2, 0.05, 0.1, 0.2, 0.1, 0.05};

std::vector<TreeNode> laid_out(const std::set<hsa::SplatId>& collapsed = {}) {
    return tree_layout(family(), kUsage, collapsed, kPlot);
}

TEST_CASE("every level fills the width without gaps, coarse ones above", "[views][tree]") {
    std::map<std::uint16_t, std::vector<TreeNode>> levels;
    for (const TreeNode& node : laid_out()) levels[node.level].push_back(node);
    REQUIRE(levels.size() == 2);
    for (const auto& [level, row] : levels) {
        CHECK(row.front().cell.min.x == Approx(kPlot.min.x));
        CHECK(row.back().cell.max.x == Approx(kPlot.max.x));
        for (std::size_t i = 1; i < row.size(); ++i)
            CHECK(row[i].cell.min.x == Approx(row[i - 1].cell.max.x));
        for (const TreeNode& node : row) {
            CHECK(node.cell.contains(node.point));
            CHECK(node.cell.min.y >= kPlot.min.y);
            CHECK(node.cell.max.y <= kPlot.max.y);
        }
    }
    CHECK(levels[1].front().cell.max.y <= levels[0].front().cell.min.y);
}

TEST_CASE("widths are usage within the level; children stand in their parents' order",
          "[views][tree]") {
    std::vector<hsa::SplatId> fine;
    for (const TreeNode& node : laid_out()) {
        if (node.level == 1) {
            CHECK(node.cell.width() == Approx(400.0 * node.usage / 0.5));
            continue;
        }
        CHECK(node.cell.width() == Approx(400.0 * node.usage / 0.5));
        fine.push_back(node.id);
    }
    // Under splat 0: 4 (.2), 3 (.1), 6 (.05); under splat 1: 5 (.1), 2 (.05).
    CHECK(fine == std::vector<hsa::SplatId>{4, 3, 6, 5, 2});
}

TEST_CASE("a folded splat hides its children and says so", "[views][tree]") {
    std::vector<hsa::SplatId> shown;
    for (const TreeNode& node : laid_out({0})) {
        shown.push_back(node.id);
        CHECK(node.folded == (node.id == 0));
    }
    CHECK(shown == std::vector<hsa::SplatId>{0, 1, 5, 2});
    // What has no children cannot be folded.
    for (const TreeNode& node : laid_out({5})) CHECK_FALSE(node.folded);
}

TEST_CASE("a level nobody uses is parted evenly", "[views][tree]") {
    const auto nodes = tree_layout(family(), std::vector<double>(7, 0.0), {}, kPlot);
    for (const TreeNode& node : nodes)
        CHECK(node.cell.width() == Approx(node.level == 1 ? 200.0 : 80.0));
}

TEST_CASE("in a tidy picture a parent stands over the middle of its children", "[views][tree]") {
    std::vector<TreeNode> nodes = laid_out();
    const float column = place_tidily(nodes, kPlot);
    CHECK(column == Approx(kPlot.width() / 5.0F));
    std::map<hsa::SplatId, float> x;
    for (const TreeNode& node : nodes) x[node.id] = node.point.x;
    CHECK(x[0] == Approx((x[3] + x[4] + x[6]) / 3.0F));
    CHECK(x[1] == Approx((x[2] + x[5]) / 2.0F));
    // Columns of their own, those of one parent side by side: no edges cross.
    std::vector<TreeNode> fine;
    for (const TreeNode& node : nodes)
        if (node.level == 0) fine.push_back(node);
    std::sort(fine.begin(), fine.end(),
              [](const TreeNode& a, const TreeNode& b) { return a.point.x < b.point.x; });
    for (std::size_t i = 1; i < fine.size(); ++i) {
        CHECK(fine[i].point.x - fine[i - 1].point.x == Approx(column));
        CHECK(x[fine[i].parent] >= x[fine[i - 1].parent]);
    }
    nodes = laid_out({0, 1});
    CHECK(place_tidily(nodes, kPlot) == Approx(kPlot.width() / 2.0F));
}

}  // namespace
}  // namespace splatscope
