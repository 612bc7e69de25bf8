#include "engine/compute/cpu/tile_lanes.h"

#include "engine/compute/formulas.h"

// Highway compiles the block below once for each instruction set and chooses at run time; its
// foreach_target.h comes first.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/compute/cpu/tile_lanes.cpp"
// foreach_target.h must come first.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace hsa::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::CappedTag<float, kTileLanes>;

float centre_lanes(const float* from, const float* origin, float scale, std::size_t d, float* to) {
    const Floats lane_type;
    const std::size_t lanes = hn::Lanes(lane_type);
    const auto by = hn::Set(lane_type, scale);
    auto squares = hn::Zero(lane_type);
    std::size_t a = 0;
    for (; a + lanes <= d; a += lanes) {
        const auto delta =
            hn::Sub(hn::LoadU(lane_type, from + a), hn::LoadU(lane_type, origin + a));
        const auto value = hn::Mul(delta, by);
        hn::StoreU(value, lane_type, to + a);
        squares = hn::MulAdd(value, value, squares);
    }
    float square = hn::GetLane(hn::SumOfLanes(lane_type, squares));
    for (; a < d; ++a) {
        to[a] = (from[a] - origin[a]) * scale;
        square += to[a] * to[a];
    }
    return square;
}

void finish_lanes(const TileShape& shape, const SquareTerms& terms, float* ell,
                  std::uint8_t* flagged) {
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    const auto least = hn::Set(d, kLeastLogKernel);
    const auto zero = hn::Zero(d);
    const auto mild = hn::Set(d, kMildTerms);
    const auto share = hn::Set(d, kCancelledShare);
    const auto huge = hn::Set(d, kHugeTerms);
    const auto unknown = hn::NaN(d);
    for (std::size_t i = 0; i < shape.rows; ++i) {
        float* row = ell + i * shape.stride;
        const float* half_squares =
            terms.half_square ? terms.half_square + i * shape.stride : nullptr;
        const auto square = hn::Set(d, terms.square ? terms.square[i] : 0.0F);
        auto good = hn::Eq(zero, zero);
        for (std::size_t s = 0; s < shape.splats; s += lanes) {
            const auto half_square = half_squares
                                         ? hn::LoadU(d, half_squares + s)
                                         : hn::Mul(hn::LoadU(d, terms.half_precision + s), square);
            const auto size = hn::Sub(half_square, hn::LoadU(d, terms.offset + s));
            const auto value = hn::Sub(hn::LoadU(d, row + s), size);
            // The comparisons are false for NaN, so that it is caught too.
            const auto kept =
                hn::Or(hn::Le(size, mild),
                       hn::And(hn::Le(value, hn::Mul(size, share)), hn::Le(size, huge)));
            const auto held = hn::Max(least, hn::Min(value, zero));
            hn::StoreU(hn::IfThenElse(kept, held, unknown), d, row + s);
            good = hn::And(good, kept);
        }
        flagged[i] = hn::AllTrue(d, good) ? 0 : 1;
    }
}

void exp_lanes(const TileShape& shape, const float* ell, const float* add, float* most,
               double* sums, float* out, std::size_t out_stride) {
    const Floats d;
    const hn::RepartitionToWide<Floats> wide;
    const hn::Half<Floats> half;
    const std::size_t lanes = hn::Lanes(d);
    HWY_ALIGN float edge[hn::MaxLanes(Floats())];
    HWY_ALIGN double edge_sums[hn::MaxLanes(Floats())];
    for (std::size_t s = 0; s < shape.splats; s += lanes) {
        const std::size_t count = shape.splats - s < lanes ? shape.splats - s : lanes;
        auto greatest = hn::Set(d, -hwy::HighestValue<float>());
        for (std::size_t i = 0; i < shape.rows; ++i) {
            const auto by = hn::Set(d, add ? add[i] : 0.0F);
            greatest = hn::Max(greatest, hn::Add(hn::LoadU(d, ell + i * shape.stride + s), by));
        }
        auto low = hn::Zero(wide);
        auto high = hn::Zero(wide);
        for (std::size_t i = 0; i < shape.rows; ++i) {
            const auto by = hn::Set(d, add ? add[i] : 0.0F);
            const auto value = hn::Add(hn::LoadU(d, ell + i * shape.stride + s), by);
            const auto e = hn::Exp(d, hn::Sub(value, greatest));
            low = hn::Add(low, hn::PromoteTo(wide, hn::LowerHalf(half, e)));
            high = hn::Add(high, hn::PromoteTo(wide, hn::UpperHalf(half, e)));
            if (!out) continue;
            float* to = out + i * out_stride + s;
            if (count == lanes) {
                hn::StoreU(e, d, to);
            } else {
                hn::Store(e, d, edge);
                for (std::size_t c = 0; c < count; ++c) to[c] = edge[c];
            }
        }
        hn::Store(greatest, d, edge);
        hn::Store(low, wide, edge_sums);
        hn::Store(high, wide, edge_sums + lanes / 2);
        for (std::size_t c = 0; c < count; ++c) {
            most[s + c] = edge[c];
            sums[s + c] = edge_sums[c];
        }
    }
}

}  // namespace hsa::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsa {

HWY_EXPORT(centre_lanes);
HWY_EXPORT(finish_lanes);
HWY_EXPORT(exp_lanes);

float centre_row(const float* from, const float* origin, float scale, std::size_t d, float* to) {
    return HWY_DYNAMIC_DISPATCH(centre_lanes)(from, origin, scale, d, to);
}

void finish_log_kernel(const TileShape& shape, const SquareTerms& terms, float* ell,
                       std::uint8_t* flagged) {
    HWY_DYNAMIC_DISPATCH(finish_lanes)(shape, terms, ell, flagged);
}

void exp_of_tile(const TileShape& shape, const float* ell, const float* add, float* most,
                 double* sums, float* out, std::size_t out_stride) {
    HWY_DYNAMIC_DISPATCH(exp_lanes)(shape, ell, add, most, sums, out, out_stride);
}

}  // namespace hsa
#endif
