// Blocks of vector registers for the inner loops of this folder, compiled once for each instruction
// set by the file that includes it: after hwy/highway.h, hence the guard that toggles.
#if defined(HSA_CPU_REGISTER_BLOCK) == defined(HWY_TARGET_TOGGLE)
#ifdef HSA_CPU_REGISTER_BLOCK
#undef HSA_CPU_REGISTER_BLOCK
#else
#define HSA_CPU_REGISTER_BLOCK
#endif

#include <hwy/highway.h>

#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace hsa::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;
using Vector = hn::Vec<Floats>;

constexpr std::size_t kLanes = hn::MaxLanes(Floats());
constexpr std::size_t kBlock = 4 * kLanes;  // numbers of a block of registers
// Rows of sums that are kept in registers: sums, a block and operands fit the 32 of AVX-512 or the
// 16 of AVX2.
constexpr std::size_t kRows = kLanes >= 16 ? 4 : 2;

// Four vectors. They have names, as the compiler keeps no array in registers.
struct Block {
    Vector v0, v1, v2, v3;
};

HWY_INLINE Block nothing() {
    const auto zero = hn::Zero(Floats());
    return {zero, zero, zero, zero};
}

HWY_INLINE Block load(const float* from) {
    return {hn::LoadU(Floats(), from), hn::LoadU(Floats(), from + kLanes),
            hn::LoadU(Floats(), from + 2 * kLanes), hn::LoadU(Floats(), from + 3 * kLanes)};
}

HWY_INLINE void store(const Block& block, float* to) {
    hn::StoreU(block.v0, Floats(), to);
    hn::StoreU(block.v1, Floats(), to + kLanes);
    hn::StoreU(block.v2, Floats(), to + 2 * kLanes);
    hn::StoreU(block.v3, Floats(), to + 3 * kLanes);
}

// sum += weight * x
HWY_INLINE void add_product(const Block& x, float weight, Block& sum) {
    const auto w = hn::Set(Floats(), weight);
    sum.v0 = hn::MulAdd(w, x.v0, sum.v0);
    sum.v1 = hn::MulAdd(w, x.v1, sum.v1);
    sum.v2 = hn::MulAdd(w, x.v2, sum.v2);
    sum.v3 = hn::MulAdd(w, x.v3, sum.v3);
}

HWY_INLINE Block sum_of(const Block& a, const Block& b) {
    return {hn::Add(a.v0, b.v0), hn::Add(a.v1, b.v1), hn::Add(a.v2, b.v2), hn::Add(a.v3, b.v3)};
}

HWY_INLINE Block largest_of(const Block& a, const Block& b) {
    return {hn::Max(a.v0, b.v0), hn::Max(a.v1, b.v1), hn::Max(a.v2, b.v2), hn::Max(a.v3, b.v3)};
}

// exp(x) of x <= 0.3, exp(-87) below -87: relative error <= 2e-7 + 3e-9 |x|. x = n ln 2 + r, and
// on |r| <= ln 2 / 2 exp(r) = 1 + r + r^2 q(r) with the cubic q that is best in the relative error.
HWY_INLINE Vector exp_of(Vector x) {
    const Floats d;
    const hn::RebindToSigned<Floats> whole;
    x = hn::Max(x, hn::Set(d, -87.0F));
    const auto rounds = hn::Set(d, 12582912.0F);  // 1.5 2^23: its sums have no fraction left
    const auto shifted = hn::MulAdd(x, hn::Set(d, 1.44269504F), rounds);
    const auto r = hn::NegMulAdd(hn::Sub(shifted, rounds), hn::Set(d, 0.693147181F), x);
    auto y = hn::MulAdd(hn::Set(d, 8.3125094e-3F), r, hn::Set(d, 4.1890349e-2F));
    y = hn::MulAdd(y, r, hn::Set(d, 1.6667116e-1F));
    y = hn::MulAdd(y, r, hn::Set(d, 4.9999231e-1F));
    y = hn::MulAdd(y, r, hn::Set(d, 1.0F));
    y = hn::MulAdd(y, r, hn::Set(d, 1.0F));
    const auto power = hn::ShiftLeft<23>(hn::BitCast(whole, shifted));
    return hn::BitCast(d, hn::Add(hn::BitCast(whole, y), power));
}

HWY_INLINE Block exp_of(const Block& x) {
    return {exp_of(x.v0), exp_of(x.v1), exp_of(x.v2), exp_of(x.v3)};
}

}  // namespace hsa::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // HSA_CPU_REGISTER_BLOCK
