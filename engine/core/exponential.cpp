#include "engine/core/exponential.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

// Highway compiles the block below once for each instruction set and chooses at run time; its
// foreach_target.h comes first.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/core/exponential.cpp"
// foreach_target.h must come first.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace hsa::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

double exp_shifted_lanes(float* values, std::size_t count, float shift) {
    const hn::ScalableTag<float> d;
    const hn::RepartitionToWide<decltype(d)> wide;
    const std::size_t lanes = hn::Lanes(d);
    const auto by = hn::Set(d, shift);
    auto low = hn::Zero(wide);
    auto high = hn::Zero(wide);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        const auto e = hn::Exp(d, hn::Sub(hn::LoadU(d, values + i), by));
        hn::StoreU(e, d, values + i);
        low = hn::Add(low, hn::PromoteTo(wide, hn::LowerHalf(e)));
        high = hn::Add(high, hn::PromoteTo(wide, hn::UpperHalf(hn::Half<decltype(d)>(), e)));
    }
    double sum = hn::GetLane(hn::SumOfLanes(wide, hn::Add(low, high)));
    if (i < count) {
        HWY_ALIGN float rest[hn::MaxLanes(hn::ScalableTag<float>())] = {};
        std::copy(values + i, values + count, rest);
        hn::Store(hn::Exp(d, hn::Sub(hn::Load(d, rest), by)), d, rest);
        for (std::size_t r = 0; i < count; ++i, ++r) {
            values[i] = rest[r];
            sum += static_cast<double>(rest[r]);
        }
    }
    return sum;
}

void exp_shifted_each_lanes(float* values, const float* shift, std::size_t count) {
    const hn::ScalableTag<float> d;
    const std::size_t lanes = hn::Lanes(d);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes)
        hn::StoreU(hn::Exp(d, hn::Sub(hn::LoadU(d, values + i), hn::LoadU(d, shift + i))), d,
                   values + i);
    if (i < count) {
        HWY_ALIGN float rest[hn::MaxLanes(hn::ScalableTag<float>())] = {};
        for (std::size_t r = i; r < count; ++r) rest[r - i] = values[r] - shift[r];
        hn::Store(hn::Exp(d, hn::Load(d, rest)), d, rest);
        std::copy(rest, rest + (count - i), values + i);
    }
}

void add_exp_lanes(const float* values, const float* shift, double* sums, std::size_t count) {
    const hn::ScalableTag<float> d;
    const hn::RepartitionToWide<decltype(d)> wide;
    const std::size_t lanes = hn::Lanes(d);
    const std::size_t half = lanes / 2;
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        const auto e = hn::Exp(d, hn::Sub(hn::LoadU(d, values + i), hn::LoadU(d, shift + i)));
        const auto low = hn::PromoteTo(wide, hn::LowerHalf(e));
        const auto high = hn::PromoteTo(wide, hn::UpperHalf(hn::Half<decltype(d)>(), e));
        hn::StoreU(hn::Add(hn::LoadU(wide, sums + i), low), wide, sums + i);
        hn::StoreU(hn::Add(hn::LoadU(wide, sums + i + half), high), wide, sums + i + half);
    }
    if (i < count) {
        HWY_ALIGN float rest[hn::MaxLanes(hn::ScalableTag<float>())] = {};
        for (std::size_t r = i; r < count; ++r) rest[r - i] = values[r] - shift[r];
        hn::Store(hn::Exp(d, hn::Load(d, rest)), d, rest);
        for (std::size_t r = i; r < count; ++r) sums[r] += static_cast<double>(rest[r - i]);
    }
}

}  // namespace hsa::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsa {

HWY_EXPORT(exp_shifted_lanes);
HWY_EXPORT(exp_shifted_each_lanes);
HWY_EXPORT(add_exp_lanes);

double exp_shifted(std::span<float> values, float shift) {
    return HWY_DYNAMIC_DISPATCH(exp_shifted_lanes)(values.data(), values.size(), shift);
}

void exp_shifted(std::span<float> values, std::span<const float> shift) {
    HWY_DYNAMIC_DISPATCH(exp_shifted_each_lanes)(values.data(), shift.data(), values.size());
}

void add_exp_shifted(std::span<const float> values, std::span<const float> shift,
                     std::span<double> sums) {
    HWY_DYNAMIC_DISPATCH(add_exp_lanes)(values.data(), shift.data(), sums.data(), values.size());
}

double log_sum_exp(std::span<const float> values) {
    constexpr std::size_t kAtOnce = 256;
    if (values.empty()) return -std::numeric_limits<double>::infinity();
    const float most = *std::max_element(values.begin(), values.end());
    if (!std::isfinite(most)) return static_cast<double>(most);
    std::array<float, kAtOnce> piece{};
    double sum = 0.0;
    for (std::size_t first = 0; first < values.size(); first += kAtOnce) {
        const auto some = values.subspan(first, std::min(kAtOnce, values.size() - first));
        std::copy(some.begin(), some.end(), piece.begin());
        sum += exp_shifted(std::span<float>(piece.data(), some.size()), most);
    }
    return static_cast<double>(most) + std::log(sum);
}

double softmax(std::span<float> values) {
    constexpr double kNothing = -std::numeric_limits<double>::infinity();
    if (values.empty()) return kNothing;
    const float most = *std::max_element(values.begin(), values.end());
    if (most == -std::numeric_limits<float>::infinity()) {
        std::fill(values.begin(), values.end(), 0.0F);
        return kNothing;
    }
    const double sum = exp_shifted(values, most);
    const auto inverse = static_cast<float>(1.0 / sum);
    for (float& value : values) value *= inverse;
    return static_cast<double>(most) + std::log(sum);
}

}  // namespace hsa
#endif
