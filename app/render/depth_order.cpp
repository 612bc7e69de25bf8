#include "app/render/depth_order.h"

#include <array>
#include <bit>
#include <cmath>
#include <numeric>
#include <utility>

namespace splatscope {
namespace {

constexpr std::uint32_t kBits = 11;  // a pass
constexpr std::size_t kPasses = 3;
constexpr std::size_t kBuckets = std::size_t{1} << kBits;

// Numbers that rise as the heights do.
std::uint32_t key_of(float height) {
    if (std::isnan(height)) return 0xffffffffU;
    const auto bits = std::bit_cast<std::uint32_t>(height + 0.0F);  // -0 becomes 0
    return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}

std::size_t bucket_of(std::uint32_t key, std::size_t pass) {
    return (key >> (kBits * static_cast<std::uint32_t>(pass))) & (kBuckets - 1);
}

}  // namespace

std::vector<std::uint32_t> rising_order(std::span<const float> heights) {
    std::vector<std::uint32_t> keys(heights.size());
    std::array<std::vector<std::uint32_t>, kPasses> ends;
    for (std::vector<std::uint32_t>& each : ends) each.assign(kBuckets, 0);
    for (std::size_t i = 0; i < heights.size(); ++i) {
        keys[i] = key_of(heights[i]);
        for (std::size_t pass = 0; pass < kPasses; ++pass) ++ends[pass][bucket_of(keys[i], pass)];
    }
    std::vector<std::uint32_t> order(heights.size());
    std::iota(order.begin(), order.end(), 0U);
    std::vector<std::uint32_t> next(heights.size());
    for (std::size_t pass = 0; pass < kPasses; ++pass) {
        // Where each bucket begins.
        std::uint32_t begin = 0;
        for (std::uint32_t& bucket : ends[pass]) begin += std::exchange(bucket, begin);
        for (const std::uint32_t i : order) next[ends[pass][bucket_of(keys[i], pass)]++] = i;
        order.swap(next);
    }
    return order;
}

void DepthOrder::set(std::vector<Vec3> centres) {
    centres_ = std::move(centres);
    towards_eye_.reset();
}

const std::vector<std::uint32_t>& DepthOrder::far_first(const Vec3& towards_eye) {
    if (towards_eye_ == towards_eye) return order_;
    std::vector<float> heights;
    heights.reserve(centres_.size());
    for (const Vec3& centre : centres_)
        heights.push_back(static_cast<float>(dot(centre, towards_eye)));
    order_ = rising_order(heights);
    towards_eye_ = towards_eye;
    ++sorts_;
    return order_;
}

}  // namespace splatscope
