#include "engine/compute/cpu/forward_lanes.h"

#include "engine/compute/backend.h"

#include <algorithm>

// A block of registers is an array of vectors, which instruction sets of no fixed width forbid.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

// Highway compiles the block below once for each instruction set and chooses at run time; its
// foreach_target.h comes first.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/compute/cpu/forward_lanes.cpp"
// foreach_target.h must come first.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include "engine/compute/cpu/register_block.inl"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace hsa::HWY_NAMESPACE {

// Terms of a sum that stay in registers: their rows of b stay in the nearest cache meanwhile.
constexpr std::size_t kTermsAtOnce = 64;

HWY_INLINE void add_to(float* to, const Block& sum) { store(sum_of(load(to), sum), to); }

// A block of columns of kCount rows of sums: a points at the first row and term.
template <std::size_t kCount>
HWY_INLINE void block_products(const float* a, std::size_t row_step, std::size_t inner_step,
                               const float* b, std::size_t b_stride, std::size_t terms, float* out,
                               std::size_t out_stride) {
    static_assert(kCount == 1 || kCount == 2 || kCount == 4);
    Block s0 = nothing(), s1 = nothing(), s2 = nothing(), s3 = nothing();
    for (std::size_t j = 0; j < terms; ++j, a += inner_step, b += b_stride) {
        const Block terms_of_row = load(b);
        add_product(terms_of_row, a[0], s0);
        if constexpr (kCount > 1) add_product(terms_of_row, a[row_step], s1);
        if constexpr (kCount > 2) {
            add_product(terms_of_row, a[2 * row_step], s2);
            add_product(terms_of_row, a[3 * row_step], s3);
        }
    }
    add_to(out, s0);
    if constexpr (kCount > 1) add_to(out + out_stride, s1);
    if constexpr (kCount > 2) {
        add_to(out + 2 * out_stride, s2);
        add_to(out + 3 * out_stride, s3);
    }
}

// One vector of columns of four rows, or of one.
template <std::size_t kCount>
HWY_INLINE void vector_products(const float* a, std::size_t row_step, std::size_t inner_step,
                                const float* b, std::size_t b_stride, std::size_t terms, float* out,
                                std::size_t out_stride) {
    static_assert(kCount == 1 || kCount == 4);
    const Floats d;
    auto s0 = hn::Zero(d);
    auto s1 = s0;
    auto s2 = s0;
    auto s3 = s0;
    for (std::size_t j = 0; j < terms; ++j, a += inner_step, b += b_stride) {
        const auto x = hn::LoadU(d, b);
        s0 = hn::MulAdd(hn::Set(d, a[0]), x, s0);
        if constexpr (kCount == 4) {
            s1 = hn::MulAdd(hn::Set(d, a[row_step]), x, s1);
            s2 = hn::MulAdd(hn::Set(d, a[2 * row_step]), x, s2);
            s3 = hn::MulAdd(hn::Set(d, a[3 * row_step]), x, s3);
        }
    }
    hn::StoreU(hn::Add(hn::LoadU(d, out), s0), d, out);
    if constexpr (kCount == 4) {
        out += out_stride;
        hn::StoreU(hn::Add(hn::LoadU(d, out), s1), d, out);
        out += out_stride;
        hn::StoreU(hn::Add(hn::LoadU(d, out), s2), d, out);
        out += out_stride;
        hn::StoreU(hn::Add(hn::LoadU(d, out), s3), d, out);
    }
}

void product_lanes(const float* a, std::size_t row_step, std::size_t inner_step,
                   const MatrixView<const float>& b, const MatrixView<float>& out) {
    const std::size_t blocks = out.cols / kBlock * kBlock;
    for (std::size_t first = 0; first < b.rows; first += kTermsAtOnce) {
        const std::size_t terms = std::min(kTermsAtOnce, b.rows - first);
        const float* from = a + first * inner_step;
        const float* rows = b.data + first * b.stride;
        for (std::size_t c = 0; c < blocks; c += kBlock) {
            std::size_t r = 0;
            for (; r + kRows <= out.rows; r += kRows)
                block_products<kRows>(from + r * row_step, row_step, inner_step, rows + c, b.stride,
                                      terms, out.data + r * out.stride + c, out.stride);
            for (; r < out.rows; ++r)
                block_products<1>(from + r * row_step, row_step, inner_step, rows + c, b.stride,
                                  terms, out.data + r * out.stride + c, out.stride);
        }
        for (std::size_t c = blocks; c < out.cols; c += kLanes) {
            std::size_t r = 0;
            for (; r + 4 <= out.rows; r += 4)
                vector_products<4>(from + r * row_step, row_step, inner_step, rows + c, b.stride,
                                   terms, out.data + r * out.stride + c, out.stride);
            for (; r < out.rows; ++r)
                vector_products<1>(from + r * row_step, row_step, inner_step, rows + c, b.stride,
                                   terms, out.data + r * out.stride + c, out.stride);
        }
    }
}

void most_lanes(const float* ell, const float* shift, std::size_t count, std::size_t tokens,
                float* most) {
    const Floats d;
    for (std::size_t i = 0; i < tokens; i += kBlock) {
        Block m = load(most + i);
        const float* row = ell + i;
        for (std::size_t s = 0; s < count; ++s, row += kKernelTile) {
            const auto by = hn::Set(d, shift[s]);
            m = largest_of(m, sum_of(load(row), {by, by, by, by}));
        }
        store(m, most + i);
    }
}

// The sum of one vector of tokens in float64, added to sums.
HWY_INLINE void add_wide(Vector sum, double* sums) {
    const hn::RepartitionToWide<Floats> wide;
    const hn::Half<Floats> half;
    constexpr std::size_t kWide = kLanes / 2;
    hn::StoreU(hn::Add(hn::LoadU(wide, sums), hn::PromoteTo(wide, hn::LowerHalf(half, sum))), wide,
               sums);
    sums += kWide;
    hn::StoreU(hn::Add(hn::LoadU(wide, sums), hn::PromoteTo(wide, hn::UpperHalf(half, sum))), wide,
               sums);
}

void exponential_lanes(float* ell, const float* shift, std::size_t count, const float* most,
                       std::size_t tokens, double* sums) {
    const Floats d;
    for (std::size_t i = 0; i < tokens; i += kBlock) {
        const Block m = load(most + i);
        Block sum = nothing();
        float* row = ell + i;
        for (std::size_t s = 0; s < count; ++s, row += kKernelTile) {
            const auto by = hn::Set(d, shift[s]);
            const Block x = load(row);
            const Block e =
                exp_of(Block{hn::Add(hn::Sub(x.v0, m.v0), by), hn::Add(hn::Sub(x.v1, m.v1), by),
                             hn::Add(hn::Sub(x.v2, m.v2), by), hn::Add(hn::Sub(x.v3, m.v3), by)});
            store(e, row);
            sum = sum_of(sum, e);
        }
        add_wide(sum.v0, sums + i);
        add_wide(sum.v1, sums + i + kLanes);
        add_wide(sum.v2, sums + i + 2 * kLanes);
        add_wide(sum.v3, sums + i + 3 * kLanes);
    }
}

// Behind the last token stands what an exponential makes 0.
void column_most_lanes(float* ell, std::size_t count, std::size_t tokens, const float* add,
                       float* most) {
    const Floats d;
    const std::size_t end = (tokens + kBlock - 1) / kBlock * kBlock;
    for (std::size_t s = 0; s < count; ++s, ell += kKernelTile) {
        if (add)
            for (std::size_t i = 0; i < tokens; ++i) ell[i] += add[i];
        std::fill(ell + tokens, ell + end, -hwy::HighestValue<float>());
        Block m = load(ell);
        for (std::size_t i = kBlock; i < end; i += kBlock) m = largest_of(m, load(ell + i));
        const auto greatest = hn::Max(hn::Max(m.v0, m.v1), hn::Max(m.v2, m.v3));
        most[s] = std::max(most[s], hn::GetLane(hn::MaxOfLanes(d, greatest)));
    }
}

void column_exponential_lanes(float* ell, const float* most, std::size_t count, std::size_t tokens,
                              double* sums) {
    const Floats d;
    const std::size_t end = (tokens + kBlock - 1) / kBlock * kBlock;
    for (std::size_t s = 0; s < count; ++s, ell += kKernelTile) {
        const auto m = hn::Set(d, most[s]);
        Block sum = nothing();
        for (std::size_t i = 0; i < end; i += kBlock) {
            const Block x = load(ell + i);
            const Block e = exp_of(
                Block{hn::Sub(x.v0, m), hn::Sub(x.v1, m), hn::Sub(x.v2, m), hn::Sub(x.v3, m)});
            store(e, ell + i);
            sum = sum_of(sum, e);
        }
        const auto all = hn::Add(hn::Add(sum.v0, sum.v1), hn::Add(sum.v2, sum.v3));
        sums[s] += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, all)));
    }
}

void scaled_lanes(const float* from, std::size_t count, double scale, double* to) {
    const hn::ScalableTag<double> wide;
    const hn::Rebind<float, decltype(wide)> narrow;
    const std::size_t lanes = hn::Lanes(wide);
    const auto by = hn::Set(wide, scale);
    std::size_t c = 0;
    for (; c + lanes <= count; c += lanes)
        hn::StoreU(hn::Mul(hn::PromoteTo(wide, hn::LoadU(narrow, from + c)), by), wide, to + c);
    for (; c < count; ++c) to[c] = static_cast<double>(from[c]) * scale;
}

}  // namespace hsa::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsa {

HWY_EXPORT(product_lanes);
HWY_EXPORT(most_lanes);
HWY_EXPORT(exponential_lanes);
HWY_EXPORT(column_most_lanes);
HWY_EXPORT(column_exponential_lanes);
HWY_EXPORT(scaled_lanes);

std::size_t padded_columns(std::size_t columns) {
    constexpr std::size_t kWidest = 16;
    return (columns + kWidest - 1) / kWidest * kWidest;
}

void add_products(const float* a, std::size_t row_step, std::size_t inner_step,
                  MatrixView<const float> b, MatrixView<float> out) {
    HWY_DYNAMIC_DISPATCH(product_lanes)(a, row_step, inner_step, b, out);
}

void raise_most(const float* ell, std::span<const float> shift, std::size_t tokens, float* most) {
    HWY_DYNAMIC_DISPATCH(most_lanes)(ell, shift.data(), shift.size(), tokens, most);
}

void exponentials_of_rows(float* ell, std::span<const float> shift, const float* most,
                          std::size_t tokens, double* sums) {
    HWY_DYNAMIC_DISPATCH(exponential_lanes)
    (ell, shift.data(), shift.size(), most, tokens, sums);
}

void raise_column_most(float* ell, std::size_t tokens, const float* add, std::span<float> most) {
    HWY_DYNAMIC_DISPATCH(column_most_lanes)(ell, most.size(), tokens, add, most.data());
}

void exponentials_of_columns(float* ell, std::span<const float> most, std::size_t tokens,
                             double* sums) {
    HWY_DYNAMIC_DISPATCH(column_exponential_lanes)(ell, most.data(), most.size(), tokens, sums);
}

void widen(std::span<const float> from, double scale, double* to) {
    HWY_DYNAMIC_DISPATCH(scaled_lanes)(from.data(), from.size(), scale, to);
}

}  // namespace hsa
#endif
