#include "engine/compute/cpu/group_lanes.h"

#include "engine/compute/formulas.h"

#include <algorithm>

// A block of registers is an array of vectors, which instruction sets of no fixed width forbid.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

// Highway compiles the block below once for each instruction set and chooses at run time; its
// foreach_target.h comes first.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/compute/cpu/group_lanes.cpp"
// foreach_target.h must come first.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>
#include "engine/compute/cpu/register_block.inl"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace hsa::HWY_NAMESPACE {

static_assert(kKernelTile % kBlock == 0);

// Four numbers of each of kLanes rows, as the 128-bit parts of vectors: vector j holds the rows j,
// j + 4, j + 8, ... Transposing each 4 x 4 part turns it into four vectors of one number a row, in
// order, and back.
struct Parts {
    Vector v0, v1, v2, v3;
};

HWY_INLINE Parts transposed(const Parts& from) {
    const Floats d;
    const hn::Repartition<double, Floats> pairs;
    const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, from.v0, from.v1));
    const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, from.v0, from.v1));
    const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, from.v2, from.v3));
    const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, from.v2, from.v3));
    return {hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23)),
            hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23)),
            hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23)),
            hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23))};
}

// Numbers a .. a + 3 of the rows 0, 4, 8, ...
template <class D>
HWY_INLINE hn::Vec<D> load_part(D d, const float* const* rows, std::size_t a) {
    if constexpr (hn::MaxLanes(d) == 4) {
        return hn::LoadU(d, rows[0] + a);
    } else {
        const hn::Half<D> half;
        return hn::Combine(d, load_part(half, rows + hn::MaxLanes(half), a),
                           load_part(half, rows, a));
    }
}

// Writes a part a row, to the rows 0, 4, 8, ...
template <class D>
HWY_INLINE void store_part(D d, hn::Vec<D> part, float* to, std::size_t stride) {
    if constexpr (hn::MaxLanes(d) == 4) {
        hn::StoreU(part, d, to);
    } else {
        const hn::Half<D> half;
        store_part(half, hn::LowerHalf(half, part), to, stride);
        store_part(half, hn::UpperHalf(half, part), to + hn::MaxLanes(half) * stride, stride);
    }
}

// Centred and scaled: stored, and its square added.
HWY_INLINE void put_axis(Vector value, float origin, Vector scale, float* to, Vector& squares) {
    const Floats d;
    value = hn::Mul(hn::Sub(value, hn::Set(d, origin)), scale);
    hn::StoreU(value, d, to);
    squares = hn::MulAdd(value, value, squares);
}

void turn_lanes(const MatrixView<const float>& from, const float* origin, float scale,
                float* turned, float* square) {
    const Floats lane_type;
    const std::size_t d = from.cols;
    const auto by = hn::Set(lane_type, scale);
    HWY_ALIGN float piece[kLanes];
    const std::size_t end = (from.rows + kBlock - 1) / kBlock * kBlock;
    for (std::size_t first = 0; first < end; first += kLanes) {
        const float* rows[kLanes];
        for (std::size_t i = 0; i < kLanes; ++i)
            rows[i] = first + i < from.rows ? from.row(first + i).data() : origin;
        float* to = turned + first / kBlock * kBlock * d + first % kBlock;
        auto squares = hn::Zero(lane_type);
        std::size_t a = 0;
        for (; a + 4 <= d; a += 4, to += 4 * kBlock) {
            const Parts axes =
                transposed({load_part(lane_type, rows, a), load_part(lane_type, rows + 1, a),
                            load_part(lane_type, rows + 2, a), load_part(lane_type, rows + 3, a)});
            put_axis(axes.v0, origin[a], by, to, squares);
            put_axis(axes.v1, origin[a + 1], by, to + kBlock, squares);
            put_axis(axes.v2, origin[a + 2], by, to + 2 * kBlock, squares);
            put_axis(axes.v3, origin[a + 3], by, to + 3 * kBlock, squares);
        }
        for (; a < d; ++a, to += kBlock) {
            for (std::size_t i = 0; i < kLanes; ++i) piece[i] = rows[i][a];
            put_axis(hn::Load(lane_type, piece), origin[a], by, to, squares);
        }
        hn::StoreU(squares, lane_type, square + first);
    }
}

HWY_INLINE void add_square(Vector step, Vector& sum) { sum = hn::MulAdd(step, step, sum); }

// sum += (rate * x - centre)^2
HWY_INLINE void add_square(const Block& x, const float* rate_and_centre, Block& sum) {
    const auto rate = hn::Set(Floats(), rate_and_centre[0]);
    const auto centre = hn::Set(Floats(), rate_and_centre[1]);
    add_square(hn::MulSub(rate, x.v0, centre), sum.v0);
    add_square(hn::MulSub(rate, x.v1, centre), sum.v1);
    add_square(hn::MulSub(rate, x.v2, centre), sum.v2);
    add_square(hn::MulSub(rate, x.v3, centre), sum.v3);
}

// sum += step^2
HWY_INLINE void add_squares(const Block& step, Block& sum) {
    add_square(step.v0, sum.v0);
    add_square(step.v1, sum.v1);
    add_square(step.v2, sum.v2);
    add_square(step.v3, sum.v3);
}

// sums[s][i] = sum_a weights[a][s] x[a][i] over one block of tokens, for kSplats splats.
template <std::size_t kSplats>
void products(const float* weights, const float* x, std::size_t d, float* sums) {
    Block s0 = nothing(), s1 = nothing(), s2 = nothing(), s3 = nothing();
    for (std::size_t a = 0; a < d; ++a, x += kBlock, weights += kGroupSplats) {
        const Block token = load(x);
        add_product(token, weights[0], s0);
        add_product(token, weights[1], s1);
        if constexpr (kSplats == 4) {
            add_product(token, weights[2], s2);
            add_product(token, weights[3], s3);
        }
    }
    store(s0, sums);
    store(s1, sums + kKernelTile);
    if constexpr (kSplats == 4) {
        store(s2, sums + 2 * kKernelTile);
        store(s3, sums + 3 * kKernelTile);
    }
}

// sums[s][i] = sum_a (rate[a][s] x[a][i] - centre[a][s])^2 over one block of tokens.
template <std::size_t kSplats>
void squares(const float* weights, const float* x, std::size_t d, float* sums) {
    Block s0 = nothing(), s1 = nothing(), s2 = nothing(), s3 = nothing();
    for (std::size_t a = 0; a < d; ++a, x += kBlock, weights += 2 * kGroupSplats) {
        const Block token = load(x);
        add_square(token, weights, s0);
        add_square(token, weights + 2, s1);
        if constexpr (kSplats == 4) {
            add_square(token, weights + 4, s2);
            add_square(token, weights + 6, s3);
        }
    }
    store(s0, sums);
    store(s1, sums + kKernelTile);
    if constexpr (kSplats == 4) {
        store(s2, sums + 2 * kKernelTile);
        store(s3, sums + 3 * kKernelTile);
    }
}

// Calls run(first splat, first token) for every block of registers of a group, as few as hold it.
template <class Wide, class Narrow>
HWY_INLINE void for_blocks(std::size_t count, std::size_t rows, const Wide& wide,
                           const Narrow& narrow) {
    for (std::size_t first = 0; first < rows; first += kBlock) {
        if (kRows == 4 && count > 2) {
            wide(first);
            continue;
        }
        for (std::size_t s = 0; s < count; s += 2) narrow(s, first);
    }
}

// Stores log kernels held within their range, NaN where `kept` is false; `all` collects `kept`,
// whose comparisons are false for NaN.
HWY_INLINE void keep(Vector value, hn::Mask<Floats> kept, float* to, hn::Mask<Floats>& all) {
    const Floats lane_type;
    const auto within =
        hn::Max(hn::Set(lane_type, kLeastLogKernel), hn::Min(value, hn::Zero(lane_type)));
    hn::StoreU(hn::IfThenElse(kept, within, hn::NaN(lane_type)), lane_type, to);
    all = hn::And(all, kept);
}

bool expanded_lanes(const SplatGroup& group, const float* turned, const float* square,
                    std::size_t d, std::size_t rows, float* ell) {
    const float* weights = group.weights.data();
    for_blocks(
        group.count, rows,
        [&](std::size_t first)
            HWY_ATTR { products<kRows>(weights, turned + first * d, d, ell + first); },
        [&](std::size_t s, std::size_t first) HWY_ATTR {
            products<2>(weights + s, turned + first * d, d, ell + s * kKernelTile + first);
        });
    const Floats lane_type;
    auto all = hn::Eq(hn::Zero(lane_type), hn::Zero(lane_type));
    const auto mild = hn::Set(lane_type, kMildTerms);
    const auto share = hn::Set(lane_type, kCancelledShare);
    const auto huge = hn::Set(lane_type, kHugeTerms);
    auto most = hn::Zero(lane_type);
    for (std::size_t i = 0; i < rows; i += kLanes)
        most = hn::Max(most, hn::LoadU(lane_type, square + i));
    const float most_square = hn::GetLane(hn::MaxOfLanes(lane_type, most));
    for (std::size_t s = 0; s < group.count; ++s, ell += kKernelTile) {
        const auto half_precision = hn::Set(lane_type, group.half_precision[s]);
        const auto offset = hn::Set(lane_type, group.offset[s]);
        if (group.half_precision[s] * most_square - group.offset[s] <= kMildTerms) {
            const auto zero = hn::Zero(lane_type);
            for (std::size_t i = 0; i < rows; i += kLanes) {
                const auto size =
                    hn::Sub(hn::Mul(half_precision, hn::LoadU(lane_type, square + i)), offset);
                hn::StoreU(hn::Min(hn::Sub(hn::LoadU(lane_type, ell + i), size), zero), lane_type,
                           ell + i);
            }
            continue;
        }
        for (std::size_t i = 0; i < rows; i += kLanes) {
            const auto size =
                hn::Sub(hn::Mul(half_precision, hn::LoadU(lane_type, square + i)), offset);
            const auto value = hn::Sub(hn::LoadU(lane_type, ell + i), size);
            keep(value,
                 hn::Or(hn::Le(size, mild),
                        hn::And(hn::Le(value, hn::Mul(size, share)), hn::Le(size, huge))),
                 ell + i, all);
        }
    }
    return !hn::AllTrue(lane_type, all);
}

// ell = -sums where these keep their digits.
bool keep_squares(const SplatGroup& group, std::size_t rows, float* ell) {
    const Floats lane_type;
    auto all = hn::Eq(hn::Zero(lane_type), hn::Zero(lane_type));
    for (std::size_t s = 0; s < group.count; ++s, ell += kKernelTile) {
        const auto mild = hn::Set(lane_type, group.mild[s]);
        const auto safe = hn::Set(lane_type, group.safe[s]);
        for (std::size_t i = 0; i < rows; i += kLanes) {
            const auto size = hn::LoadU(lane_type, ell + i);
            keep(hn::Neg(size), hn::Or(hn::Le(size, mild), hn::Ge(size, safe)), ell + i, all);
        }
    }
    return !hn::AllTrue(lane_type, all);
}

bool squares_lanes(const SplatGroup& group, const float* turned, std::size_t d, std::size_t rows,
                   float* ell) {
    const float* weights = group.weights.data();
    for_blocks(
        group.count, rows,
        [&](std::size_t first)
            HWY_ATTR { squares<kRows>(weights, turned + first * d, d, ell + first); },
        [&](std::size_t s, std::size_t first) HWY_ATTR {
            squares<2>(weights + 2 * s, turned + first * d, d, ell + s * kKernelTile + first);
        });
    return keep_squares(group, rows, ell);
}

// Four rows of a matrix [length][4] times the first `length` axes of the tile: out [4, tile].
void four_rows(const float* weights, const float* turned, std::size_t d, std::size_t length,
               std::size_t rows, float* out) {
    for_blocks(
        kGroupSplats, rows,
        [&](std::size_t first)
            HWY_ATTR { products<kRows>(weights, turned + first * d, length, out + first); },
        [&](std::size_t s, std::size_t first) HWY_ATTR {
            products<2>(weights + s, turned + first * d, length, out + s * kKernelTile + first);
        });
}

bool lowrank_lanes(const SplatGroup& group, const float* turned, std::size_t d, std::size_t rows,
                   float* along, float* ell) {
    const Floats lane_type;
    const float* weights = group.weights.data();
    for (std::size_t r = 0; r < group.rank; r += 4, weights += 4 * d)
        four_rows(weights, turned, d, d, rows, along + r * kKernelTile);
    const std::size_t end = (rows + kBlock - 1) / kBlock * kBlock;
    for (std::size_t r = 0; r < group.rank; ++r) {
        const auto start = hn::Set(lane_type, *weights++);
        float* to = along + r * kKernelTile;
        for (std::size_t i = 0; i < end; i += kLanes)
            hn::StoreU(hn::Sub(hn::LoadU(lane_type, to + i), start), lane_type, to + i);
    }
    for (std::size_t first = 0; first < rows; first += kBlock) {
        const float* x = turned + first * d;
        const float* w = weights;
        Block sum = nothing();
        for (std::size_t a = 0; a < d; ++a, x += kBlock) {
            const auto centre = hn::Set(lane_type, w[1]);
            Block step = nothing();
            add_product(load(x), *w, step);
            step = {hn::Sub(step.v0, centre), hn::Sub(step.v1, centre), hn::Sub(step.v2, centre),
                    hn::Sub(step.v3, centre)};
            w += 2;
            for (std::size_t r = 0; r < group.rank; ++r)
                add_product(load(along + r * kKernelTile + first), -*w++, step);
            add_squares(step, sum);
        }
        store(sum, ell + first);
    }
    return keep_squares(group, rows, ell);
}

bool full_lanes(const SplatGroup& group, const float* turned, std::size_t d, std::size_t rows,
                float* four, float* ell) {
    const float* weights = group.weights.data();
    std::fill(ell, ell + (rows + kBlock - 1) / kBlock * kBlock, 0.0F);
    for (std::size_t b = 0; b < d; b += 4) {
        const std::size_t length = std::min(b + 4, d);
        four_rows(weights, turned, d, length, rows, four);
        weights += 4 * length;
        for (std::size_t first = 0; first < rows; first += kBlock) {
            Block sum = load(ell + first);
            for (std::size_t r = 0; r < 4; ++r) {
                const auto start = hn::Set(Floats(), weights[r]);
                Block t = load(four + r * kKernelTile + first);
                t = {hn::Sub(t.v0, start), hn::Sub(t.v1, start), hn::Sub(t.v2, start),
                     hn::Sub(t.v3, start)};
                add_squares(t, sum);
            }
            store(sum, ell + first);
        }
        weights += 4;
    }
    return keep_squares(group, rows, ell);
}

bool group_lanes(const SplatGroup& group, const float* turned, const float* square, std::size_t d,
                 std::size_t rows, float* scratch, float* ell) {
    switch (group.form) {
        case GroupForm::expanded: return expanded_lanes(group, turned, square, d, rows, ell);
        case GroupForm::squares: return squares_lanes(group, turned, d, rows, ell);
        case GroupForm::lowrank: return lowrank_lanes(group, turned, d, rows, scratch, ell);
        case GroupForm::full: break;
    }
    return full_lanes(group, turned, d, rows, scratch, ell);
}

void exp_lanes(std::size_t count, std::size_t rows, const float* add, float* ell, float* most,
               double* sums) {
    const Floats lane_type;
    const hn::RepartitionToWide<Floats> wide;
    const hn::Half<Floats> half;
    const std::size_t end = (rows + kLanes - 1) / kLanes * kLanes;
    for (std::size_t s = 0; s < count; ++s, ell += kKernelTile) {
        if (add)
            for (std::size_t i = 0; i < rows; ++i) ell[i] += add[i];
        std::fill(ell + rows, ell + end, -hwy::HighestValue<float>());
        auto greatest = hn::Set(lane_type, -hwy::HighestValue<float>());
        for (std::size_t i = 0; i < end; i += kLanes)
            greatest = hn::Max(greatest, hn::LoadU(lane_type, ell + i));
        greatest = hn::MaxOfLanes(lane_type, greatest);
        auto low = hn::Zero(wide);
        auto high = hn::Zero(wide);
        for (std::size_t i = 0; i < end; i += kLanes) {
            const auto e = hn::Exp(lane_type, hn::Sub(hn::LoadU(lane_type, ell + i), greatest));
            hn::StoreU(e, lane_type, ell + i);
            low = hn::Add(low, hn::PromoteTo(wide, hn::LowerHalf(half, e)));
            high = hn::Add(high, hn::PromoteTo(wide, hn::UpperHalf(half, e)));
        }
        most[s] = hn::GetLane(greatest);
        sums[s] = hn::GetLane(hn::SumOfLanes(wide, hn::Add(low, high)));
    }
}

void write_lanes(std::size_t count, std::size_t rows, const float* from, float* out,
                 std::size_t out_stride) {
    const Floats d;
    std::size_t first = 0;
    for (; count == kGroupSplats && first + kLanes <= rows; first += kLanes, from += kLanes) {
        const Parts parts = transposed({hn::LoadU(d, from), hn::LoadU(d, from + kKernelTile),
                                        hn::LoadU(d, from + 2 * kKernelTile),
                                        hn::LoadU(d, from + 3 * kKernelTile)});
        float* to = out + first * out_stride;
        store_part(d, parts.v0, to, out_stride);
        store_part(d, parts.v1, to + out_stride, out_stride);
        store_part(d, parts.v2, to + 2 * out_stride, out_stride);
        store_part(d, parts.v3, to + 3 * out_stride, out_stride);
    }
    for (std::size_t i = 0; first + i < rows; ++i)
        for (std::size_t s = 0; s < count; ++s)
            out[(first + i) * out_stride + s] = from[s * kKernelTile + i];
}

}  // namespace hsa::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsa {

HWY_EXPORT(turn_lanes);
HWY_EXPORT(group_lanes);
HWY_EXPORT(exp_lanes);
HWY_EXPORT(write_lanes);

void turn_tile(MatrixView<const float> from, const float* origin, float scale, float* turned,
               float* square) {
    HWY_DYNAMIC_DISPATCH(turn_lanes)(from, origin, scale, turned, square);
}

std::size_t scratch_rows(const SplatGroup& group) {
    return (std::max<std::size_t>(group.rank, 1) + 3) / 4 * 4;
}

bool group_log_kernel(const SplatGroup& group, const float* turned, const float* square,
                      std::size_t d, std::size_t rows, float* scratch, float* ell) {
    return HWY_DYNAMIC_DISPATCH(group_lanes)(group, turned, square, d, rows, scratch, ell);
}

void exp_of_group(std::size_t count, std::size_t rows, const float* add, float* ell, float* most,
                  double* sums) {
    HWY_DYNAMIC_DISPATCH(exp_lanes)(count, rows, add, ell, most, sums);
}

void write_group(std::size_t count, std::size_t rows, const float* from, float* out,
                 std::size_t out_stride) {
    HWY_DYNAMIC_DISPATCH(write_lanes)(count, rows, from, out, out_stride);
}

}  // namespace hsa
#endif
