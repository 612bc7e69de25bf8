#include "app/render/depth_order.h"

#include "tests/catch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace splatscope {
namespace {

std::vector<std::uint32_t> by_comparing(const std::vector<float>& heights) {
    std::vector<std::uint32_t> order(heights.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return heights[a] < heights[b]; });
    return order;
}

TEST_CASE("the radix sort orders as comparing does, equal heights in their own order",
          "[render][sort]") {
    std::mt19937 random(7);
    std::vector<std::vector<float>> all = {{}, {1.0F}, {2.0F, 2.0F, 2.0F}, {0.0F, -0.0F, 0.0F}};
    constexpr float kFar = std::numeric_limits<float>::max();
    all.push_back({kFar, -kFar, 1e-38F, -1e-38F, 0.0F, 1e30F, -1e-44F, 1e-44F,
                   std::numeric_limits<float>::infinity(),
                   -std::numeric_limits<float>::infinity()});
    // Unfavourable: from the nearest to the farthest; few heights many times; across all exponents.
    std::vector<float> reversed;
    std::vector<float> repeated;
    std::vector<float> wide;
    std::uniform_real_distribution<float> exponent(-30.0F, 30.0F);
    for (int i = 0; i < 50000; ++i) {
        reversed.push_back(static_cast<float>(-i) + 0.25F);
        repeated.push_back(static_cast<float>(i % 5) - 2.0F);
        wide.push_back((i % 2 == 0 ? 1.0F : -1.0F) * std::pow(10.0F, exponent(random)));
    }
    all.push_back(reversed);
    all.push_back(repeated);
    all.push_back(wide);
    for (const std::vector<float>& heights : all) {
        CAPTURE(heights.size());
        CHECK(rising_order(heights) == by_comparing(heights));
    }
}

TEST_CASE("a height that is no number comes last", "[render][sort]") {
    const float none = std::numeric_limits<float>::quiet_NaN();
    CHECK(rising_order(std::vector<float>{none, 3.0F, -none, -1.0F}) ==
          std::vector<std::uint32_t>{3, 1, 0, 2});
}

TEST_CASE("things are sorted again when they or the direction changed, and only then",
          "[render][sort]") {
    DepthOrder order;
    order.set({{0, 0, 1}, {0, 0, -1}, {0, 0, 0}});
    CHECK(order.far_first({0, 0, 1}) == std::vector<std::uint32_t>{1, 2, 0});
    CHECK(order.far_first({0, 0, 1}) == std::vector<std::uint32_t>{1, 2, 0});
    CHECK(order.sorts() == 1);
    CHECK(order.far_first({0, 0, -1}) == std::vector<std::uint32_t>{0, 2, 1});
    CHECK(order.sorts() == 2);
    order.set({{0, 0, -1}, {0, 0, 1}});
    CHECK(order.far_first({0, 0, -1}) == std::vector<std::uint32_t>{1, 0});
    CHECK(order.sorts() == 3);
}

}  // namespace
}  // namespace splatscope
