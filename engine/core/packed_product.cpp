#include "engine/core/packed_product.h"

#include <algorithm>
#include <array>

// Highway compiles the block below once for each instruction set and chooses at run time; its
// foreach_target.h comes first.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/core/packed_product.cpp"
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace hsa::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::CappedTag<float, 16>;
using Vector = hn::Vec<Floats>;

constexpr std::size_t kLanes = hn::MaxLanes(Floats());
constexpr std::size_t kWide = 4 * kLanes;  // columns of a block of registers
static_assert(PackedMatrix::kPanel % kWide == 0);
// Rows of sums in registers: 24 of the 32 of AVX-512 beside a block, 8 of the 16 of AVX2.
constexpr std::size_t kDeep = kLanes >= 16 ? 6 : 2;

// Four vectors. They have names, as the compiler keeps no array in registers.
struct Block {
    Vector v0, v1, v2, v3;
};

HWY_INLINE Block load(const float* from) {
    const Floats d;
    return {hn::LoadU(d, from), hn::LoadU(d, from + kLanes), hn::LoadU(d, from + 2 * kLanes),
            hn::LoadU(d, from + 3 * kLanes)};
}

HWY_INLINE void store(const Block& block, float* to) {
    const Floats d;
    hn::StoreU(block.v0, d, to);
    hn::StoreU(block.v1, d, to + kLanes);
    hn::StoreU(block.v2, d, to + 2 * kLanes);
    hn::StoreU(block.v3, d, to + 3 * kLanes);
}

HWY_INLINE void add(const Block& x, float weight, Block& sum) {
    const auto w = hn::Set(Floats(), weight);
    sum.v0 = hn::MulAdd(w, x.v0, sum.v0);
    sum.v1 = hn::MulAdd(w, x.v1, sum.v1);
    sum.v2 = hn::MulAdd(w, x.v2, sum.v2);
    sum.v3 = hn::MulAdd(w, x.v3, sum.v3);
}

// Where one row of a block of sums goes; `columns` of its kWide.
HWY_INLINE void finish(const Block& sum, float* out, std::size_t columns) {
    if (columns == kWide) {
        store(sum, out);
        return;
    }
    std::array<float, kWide> all{};
    store(sum, all.data());
    std::copy_n(all.begin(), columns, out);
}

// Six rows (AVX-512) or two, of kWide columns; `b` steps by a panel.
HWY_INLINE void deep_block(const float* a, std::size_t step, std::size_t inner, const float* b,
                           const float* bias, float* out, std::size_t out_step,
                           std::size_t columns) {
    const Block start = load(bias);
    Block s0 = start;
    Block s1 = start;
    if constexpr (kDeep == 6) {
        Block s2 = start;
        Block s3 = start;
        Block s4 = start;
        Block s5 = start;
        for (std::size_t j = 0; j < inner; ++j, b += PackedMatrix::kPanel) {
            const Block x = load(b);
            add(x, a[j], s0);
            add(x, a[j + step], s1);
            add(x, a[j + 2 * step], s2);
            add(x, a[j + 3 * step], s3);
            add(x, a[j + 4 * step], s4);
            add(x, a[j + 5 * step], s5);
        }
        finish(s2, out + 2 * out_step, columns);
        finish(s3, out + 3 * out_step, columns);
        finish(s4, out + 4 * out_step, columns);
        finish(s5, out + 5 * out_step, columns);
    } else {
        for (std::size_t j = 0; j < inner; ++j, b += PackedMatrix::kPanel) {
            const Block x = load(b);
            add(x, a[j], s0);
            add(x, a[j + step], s1);
        }
    }
    finish(s0, out, columns);
    finish(s1, out + out_step, columns);
}

HWY_INLINE void one_row(const float* a, std::size_t inner, const float* b, const float* bias,
                        float* out, std::size_t columns) {
    Block sum = load(bias);
    for (std::size_t j = 0; j < inner; ++j, b += PackedMatrix::kPanel) add(load(b), a[j], sum);
    finish(sum, out, columns);
}

void product_lanes(MatrixView<const float> a, const PackedMatrix& b, const float* bias,
                   MatrixView<float> out) {
    const std::size_t inner = b.inner();
    std::array<float, PackedMatrix::kPanel> first{};
    for (std::size_t column = 0; column < b.columns(); column += PackedMatrix::kPanel) {
        const std::size_t in_panel = std::min(PackedMatrix::kPanel, b.columns() - column);
        if (bias != nullptr) std::copy_n(bias + column, in_panel, first.begin());
        const float* panel = b.panel(column / PackedMatrix::kPanel);
        for (std::size_t part = 0; part < in_panel; part += kWide) {
            const std::size_t columns = std::min(kWide, in_panel - part);
            float* to = out.data + column + part;
            std::size_t row = 0;
            for (; row + kDeep <= a.rows; row += kDeep)
                deep_block(a.data + row * a.stride, a.stride, inner, panel + part,
                           first.data() + part, to + row * out.stride, out.stride, columns);
            for (; row < a.rows; ++row)
                one_row(a.data + row * a.stride, inner, panel + part, first.data() + part,
                        to + row * out.stride, columns);
        }
    }
}

}  // namespace hsa::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsa {

HWY_EXPORT(product_lanes);

PackedMatrix::PackedMatrix(std::size_t inner, std::size_t columns)
    : values_((columns + kPanel - 1) / kPanel * kPanel * inner, 0.0F),
      inner_(inner),
      columns_(columns) {}

void PackedMatrix::put_row(std::size_t j, std::span<const float> values, std::size_t first) {
    for (std::size_t c = 0; c < values.size(); ++c) values_[place(j, first + c)] = values[c];
}

void PackedMatrix::put_column(std::size_t column, std::span<const float> values) {
    for (std::size_t j = 0; j < values.size(); ++j) values_[place(j, column)] = values[j];
}

void multiply(MatrixView<const float> a, const PackedMatrix& b, std::span<const float> bias,
              MatrixView<float> out) {
    HWY_DYNAMIC_DISPATCH(product_lanes)(a, b, bias.empty() ? nullptr : bias.data(), out);
}

}  // namespace hsa
#endif
