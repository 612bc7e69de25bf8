#include "engine/embed/transformer_lanes.h"

#include <cmath>

// Highway compiles the block below once for each instruction set and chooses at run time; its
// foreach_target.h comes first.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/embed/transformer_lanes.cpp"
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace hsa::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::CappedTag<float, 16>;
using Vector = hn::Vec<Floats>;

constexpr std::size_t kLanes = hn::MaxLanes(Floats());

// x Phi(x): Phi from the complementary error function by Abramowitz and Stegun 7.1.26.
HWY_INLINE Vector gelu_of(Vector x) {
    const Floats d;
    const auto one = hn::Set(d, 1.0F);
    const auto z = hn::Mul(hn::Abs(x), hn::Set(d, 0.707106781F));
    const auto t = hn::Div(one, hn::MulAdd(z, hn::Set(d, 0.3275911F), one));
    auto y = hn::MulAdd(t, hn::Set(d, 1.061405429F), hn::Set(d, -1.453152027F));
    y = hn::MulAdd(y, t, hn::Set(d, 1.421413741F));
    y = hn::MulAdd(y, t, hn::Set(d, -0.284496736F));
    y = hn::MulAdd(y, t, hn::Set(d, 0.254829592F));
    // erfc(z) / 2, the share on the far side of |x|.
    const auto tail =
        hn::Mul(hn::Mul(hn::Mul(y, t), hn::Set(d, 0.5F)), hn::Exp(d, hn::Neg(hn::Mul(z, z))));
    const auto share = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), tail, hn::Sub(one, tail));
    return hn::Mul(x, share);
}

HWY_INLINE Vector gelu_tanh_of(Vector x) {
    const Floats d;
    const auto cube = hn::Mul(hn::Mul(x, x), x);
    const auto u = hn::Mul(hn::Set(d, 0.797884561F), hn::MulAdd(cube, hn::Set(d, 0.044715F), x));
    const auto half = hn::Mul(hn::Set(d, 0.5F), x);
    return hn::MulAdd(half, hn::Tanh(d, u), half);
}

template <class Each>
HWY_INLINE void each_vector(float* x, std::size_t count, const Each& each) {
    const Floats d;
    std::size_t i = 0;
    for (; i + kLanes <= count; i += kLanes) hn::StoreU(each(hn::LoadU(d, x + i)), d, x + i);
    if (i == count) return;
    HWY_ALIGN float rest[kLanes] = {};
    for (std::size_t r = i; r < count; ++r) rest[r - i] = x[r];
    hn::Store(each(hn::Load(d, rest)), d, rest);
    for (std::size_t r = i; r < count; ++r) x[r] = rest[r - i];
}

void activate_lanes(Activation activation, float* x, std::size_t count) {
    switch (activation) {
        case Activation::gelu: each_vector(x, count, [](Vector v) { return gelu_of(v); }); break;
        case Activation::gelu_tanh:
            each_vector(x, count, [](Vector v) { return gelu_tanh_of(v); });
            break;
        case Activation::relu:
            each_vector(x, count, [](Vector v) { return hn::Max(v, hn::Zero(Floats())); });
            break;
    }
}

// Sum of f(x[i]) in float64.
template <class Each>
HWY_INLINE double sum_of(const float* x, std::size_t count, double shift, const Each& each) {
    const Floats d;
    const hn::RepartitionToWide<Floats> wide;
    const auto by = hn::Set(wide, shift);
    auto low = hn::Zero(wide);
    auto high = hn::Zero(wide);
    std::size_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        const auto v = hn::LoadU(d, x + i);
        low = each(hn::Sub(hn::PromoteTo(wide, hn::LowerHalf(v)), by), low);
        high = each(hn::Sub(hn::PromoteTo(wide, hn::UpperHalf(hn::Half<Floats>(), v)), by), high);
    }
    double sum = hn::GetLane(hn::SumOfLanes(wide, hn::Add(low, high)));
    const hn::CappedTag<double, 1> single;
    for (; i < count; ++i)
        sum +=
            hn::GetLane(each(hn::Set(single, static_cast<double>(x[i]) - shift), hn::Zero(single)));
    return sum;
}

void normalise_lanes(const float* scale, const float* shift, float epsilon, float* x,
                     std::size_t count) {
    const Floats d;
    const auto n = static_cast<double>(count);
    const double mean = sum_of(x, count, 0.0, [](auto v, auto sum) { return hn::Add(sum, v); }) / n;
    const double square =
        sum_of(x, count, mean, [](auto v, auto sum) { return hn::MulAdd(v, v, sum); }) / n;
    const auto inverse = static_cast<float>(1.0 / std::sqrt(square + static_cast<double>(epsilon)));
    const auto middle = static_cast<float>(mean);
    const auto by = hn::Set(d, middle);
    const auto factor = hn::Set(d, inverse);
    std::size_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        const auto v = hn::Mul(hn::Sub(hn::LoadU(d, x + i), by), factor);
        hn::StoreU(hn::MulAdd(v, hn::LoadU(d, scale + i), hn::LoadU(d, shift + i)), d, x + i);
    }
    for (; i < count; ++i) x[i] = std::fma((x[i] - middle) * inverse, scale[i], shift[i]);
}

void add_lanes(const float* from, float* to, std::size_t count) {
    const Floats d;
    std::size_t i = 0;
    for (; i + kLanes <= count; i += kLanes)
        hn::StoreU(hn::Add(hn::LoadU(d, to + i), hn::LoadU(d, from + i)), d, to + i);
    for (; i < count; ++i) to[i] += from[i];
}

}  // namespace hsa::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsa {

HWY_EXPORT(activate_lanes);
HWY_EXPORT(normalise_lanes);
HWY_EXPORT(add_lanes);

void activate(Activation activation, std::span<float> x) {
    HWY_DYNAMIC_DISPATCH(activate_lanes)(activation, x.data(), x.size());
}

void normalise_rows(const LayerNorm& norm, float epsilon, MatrixView<float> rows) {
    for (std::size_t r = 0; r < rows.rows; ++r) HWY_DYNAMIC_DISPATCH(normalise_lanes)
    (norm.scale.data(), norm.shift.data(), epsilon, rows.row(r).data(), rows.cols);
}

void add_to(std::span<const float> from, std::span<float> to) {
    HWY_DYNAMIC_DISPATCH(add_lanes)(from.data(), to.data(), to.size());
}

}  // namespace hsa
#endif
