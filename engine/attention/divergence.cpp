#include "engine/attention/divergence.h"

#include <algorithm>

// Highway compiles the block below once for each instruction set and chooses at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/attention/divergence.cpp"
// foreach_target.h must come first.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace hsa::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

enum class Keep { nothing, ratio, ratio_log };

template <Keep keep, class D, class V>
HWY_INLINE V one(D d, V t, V a, V& out) {
    const auto ratio = hn::Div(t, hn::Max(a, hn::Set(d, 1e-30F)));
    const auto logarithm = hn::Log(d, hn::Max(ratio, hn::Set(d, 1e-30F)));
    if constexpr (keep == Keep::ratio) out = ratio;
    if constexpr (keep == Keep::ratio_log) out = hn::Mul(ratio, logarithm);
    return hn::Mul(t, logarithm);
}

template <Keep keep>
double sum_all(const float* t, float* a, std::size_t count) {
    const hn::ScalableTag<float> d;
    const std::size_t lanes = hn::Lanes(d);
    auto sum = hn::Zero(d);
    auto out = hn::Zero(d);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        sum = hn::Add(sum, one<keep>(d, hn::LoadU(d, t + i), hn::LoadU(d, a + i), out));
        if constexpr (keep != Keep::nothing) hn::StoreU(out, d, a + i);
    }
    if (i < count) {
        HWY_ALIGN float rest_t[hn::MaxLanes(hn::ScalableTag<float>())] = {};
        HWY_ALIGN float rest_a[hn::MaxLanes(hn::ScalableTag<float>())];
        std::fill(rest_a, rest_a + lanes, 1.0F);
        std::copy(t + i, t + count, rest_t);
        std::copy(a + i, a + count, rest_a);
        sum = hn::Add(sum, one<keep>(d, hn::Load(d, rest_t), hn::Load(d, rest_a), out));
        if constexpr (keep != Keep::nothing) {
            hn::Store(out, d, rest_a);
            std::copy(rest_a, rest_a + (count - i), a + i);
        }
    }
    return static_cast<double>(hn::GetLane(hn::SumOfLanes(d, sum)));
}

double sum_only(const float* t, const float* a, std::size_t count) {
    return sum_all<Keep::nothing>(t, const_cast<float*>(a), count);
}
double sum_to_ratio(const float* t, float* a, std::size_t count) {
    return sum_all<Keep::ratio>(t, a, count);
}
double sum_to_ratio_log(const float* t, float* a, std::size_t count) {
    return sum_all<Keep::ratio_log>(t, a, count);
}

}  // namespace hsa::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsa {

HWY_EXPORT(sum_only);
HWY_EXPORT(sum_to_ratio);
HWY_EXPORT(sum_to_ratio_log);

double divergence(std::span<const float> t, std::span<const float> a) {
    return HWY_DYNAMIC_DISPATCH(sum_only)(t.data(), a.data(), t.size());
}

double divergence_to_ratio(std::span<const float> t, std::span<float> a) {
    return HWY_DYNAMIC_DISPATCH(sum_to_ratio)(t.data(), a.data(), t.size());
}

double divergence_to_ratio_log(std::span<const float> t, std::span<float> a) {
    return HWY_DYNAMIC_DISPATCH(sum_to_ratio_log)(t.data(), a.data(), t.size());
}

}  // namespace hsa
#endif
