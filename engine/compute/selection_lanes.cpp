#include "engine/compute/selection_lanes.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <numeric>

// Sums of vectors are formed part by part, which instruction sets of no fixed width forbid.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

// Highway compiles the block below once for each instruction set and chooses at run time; its
// foreach_target.h comes first.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/compute/selection_lanes.cpp"
// foreach_target.h must come first.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace hsa::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::CappedTag<float, kRowFloats>;
using Bytes = hn::CappedTag<std::uint8_t, 64>;

using Four = hn::CappedTag<float, 4>;

constexpr std::uint8_t kFullTotal = 255;  // held there, of splats that are never taken
constexpr std::size_t kAhead = 4;
constexpr std::size_t kRanked = 64;         // numbers that are compared each with each
constexpr std::size_t kMost = kRanked / 2;  // taken by comparison

void nearest_codes_lanes(const float* x, std::size_t stride, const float* centres,
                         const float* half_square, std::size_t tokens, std::uint32_t* code) {
    const Floats d;
    const hn::RebindToUnsigned<Floats> whole;
    const std::size_t lanes = hn::Lanes(d);
    for (std::size_t i = 0; i < tokens; i += lanes) {
        const auto x0 = hn::LoadU(d, x + i);
        const auto x1 = hn::LoadU(d, x + stride + i);
        const auto x2 = hn::LoadU(d, x + 2 * stride + i);
        const auto x3 = hn::LoadU(d, x + 3 * stride + i);
        auto best = hn::Set(d, -std::numeric_limits<float>::infinity());
        auto at = hn::Zero(whole);
        for (std::size_t c = 0; c < kCellCodes; ++c) {
            const float* centre = centres + c * kCellAxes;
            auto score = hn::MulSub(x0, hn::Set(d, centre[0]), hn::Set(d, half_square[c]));
            score = hn::MulAdd(x1, hn::Set(d, centre[1]), score);
            score = hn::MulAdd(x2, hn::Set(d, centre[2]), score);
            score = hn::MulAdd(x3, hn::Set(d, centre[3]), score);
            const auto better = hn::RebindMask(whole, hn::Gt(score, best));
            at = hn::IfThenElse(better, hn::Set(whole, static_cast<std::uint32_t>(c)), at);
            best = hn::Max(best, score);
        }
        hn::StoreU(at, whole, code + i);
    }
}

// Of one group.
HWY_INLINE void add_parts(const std::uint8_t* parts, hn::Vec<Bytes>& sum0, hn::Vec<Bytes>& sum1) {
    const Bytes d;
    sum0 = hn::SaturatedAdd(sum0, hn::LoadU(d, parts));
    sum1 = hn::SaturatedAdd(sum1, hn::LoadU(d, parts + hn::Lanes(d)));
}

void add_cell_parts_lanes(const CellTables& cells, const std::uint32_t* offset, std::size_t tokens,
                          std::uint8_t* totals, std::size_t total_stride) {
    const Bytes d;
    const std::size_t lanes = hn::Lanes(d);
    const std::size_t groups = cells.groups;
    for (std::size_t slice = 0; slice < cells.slices; ++slice) {
        const std::uint8_t* table = cells.tables + slice * groups * kCellCodes * kCellSlice;
        for (std::size_t i = 0; i < tokens; ++i) {
            const std::uint32_t* own = offset + i * groups;
            for (std::size_t first = 0; first < kCellSlice; first += 2 * lanes) {
                const std::size_t at = slice * kCellSlice + first;
                auto sum0 = hn::LoadU(d, cells.base + at);
                auto sum1 = hn::LoadU(d, cells.base + at + lanes);
                std::size_t g = 0;
                for (; g + 4 <= groups; g += 4) {  // the compiler unrolls nothing
                    add_parts(table + first + own[g], sum0, sum1);
                    add_parts(table + first + own[g + 1], sum0, sum1);
                    add_parts(table + first + own[g + 2], sum0, sum1);
                    add_parts(table + first + own[g + 3], sum0, sum1);
                }
                for (; g < groups; ++g) add_parts(table + first + own[g], sum0, sum1);
                hn::StoreU(sum0, d, totals + i * total_stride + at);
                hn::StoreU(sum1, d, totals + i * total_stride + at + lanes);
            }
        }
    }
}

// How many of some totals are below a bound.
HWY_INLINE std::size_t count_below(const std::uint8_t* totals, std::size_t count,
                                   std::size_t bound) {
    const Bytes d;
    const std::size_t lanes = hn::Lanes(d);
    const auto most = hn::Set(d, static_cast<std::uint8_t>(bound));
    std::size_t found = 0;
    for (std::size_t s = 0; s < count; s += lanes)
        found += hn::CountTrue(d, hn::Lt(hn::LoadU(d, totals + s), most));
    return found;
}

// The places of the ones among `words` x 64 bits, in order. Four a word are written before it is
// known how many there are, as a branch would be guessed wrongly: room for as many more.
HWY_INLINE std::size_t places_of_bits(const std::uint8_t* bits, std::size_t words,
                                      std::uint32_t* out) {
    std::size_t found = 0;
    for (std::size_t w = 0; w < words; ++w) {
        std::uint64_t word = 0;
        std::memcpy(&word, bits + w * sizeof word, sizeof word);
        const auto first = static_cast<std::uint32_t>(64 * w);
        const auto count = static_cast<std::size_t>(std::popcount(word));
        const auto put = [&](std::size_t place) {
            out[place] = first + static_cast<std::uint32_t>(std::countr_zero(word));
            word &= word - 1;
        };
        put(found);
        put(found + 1);
        put(found + 2);
        put(found + 3);
        for (std::size_t r = kAhead; r < count; ++r) put(found + r);
        found += count;
    }
    return found;
}

// The wanted least of the least of each place of a slice bound those of all from above.
std::uint8_t bound_of(const std::uint8_t* totals, std::size_t count, std::size_t wanted) {
    const Bytes d;
    const std::size_t lanes = hn::Lanes(d);
    HWY_ALIGN std::uint8_t least[kCellSlice];
    for (std::size_t place = 0; place < kCellSlice; place += lanes) {
        auto own = hn::Set(d, kFullTotal);
        for (std::size_t s = place; s < count; s += kCellSlice)
            own = hn::Min(own, hn::LoadU(d, totals + s));
        hn::Store(own, d, least + place);
    }
    const bool few = wanted < kCellSlice;
    std::size_t bound = 0;
    for (std::size_t bit = 128; bit > 0; bit /= 2) {
        const std::size_t below =
            count_below(few ? least : totals, few ? kCellSlice : count, bound + bit);
        bound += below < wanted ? bit : 0;
    }
    return static_cast<std::uint8_t>(std::min<std::size_t>(bound + 1, kFullTotal));
}

void least_bounds_lanes(MatrixView<const std::uint8_t> totals, std::size_t wanted,
                        std::uint8_t* bounds) {
    for (std::size_t i = 0; i < totals.rows; ++i)
        bounds[i] = bound_of(totals.row(i).data(), totals.cols, wanted);
}

std::size_t places_below_lanes(const std::uint8_t* totals, std::size_t count, std::uint8_t bound,
                               SelectionScratch& scratch, std::uint32_t* out) {
    const Bytes d;
    const std::size_t lanes = hn::Lanes(d);
    const auto most = hn::Set(d, bound);
    for (std::size_t s = 0; s < count; s += lanes)
        (void)hn::StoreMaskBits(d, hn::Lt(hn::LoadU(d, totals + s), most),
                                scratch.bits.data() + s / 8);
    return places_of_bits(scratch.bits.data(), count / kScoreWord, out);
}

template <class D>
HWY_INLINE hn::Vec<Four> sum_of_parts(D d, hn::Vec<D> parts) {
    if constexpr (hn::MaxLanes(d) == 4) {
        return parts;
    } else {
        const hn::Half<D> half;
        return sum_of_parts(half, hn::Add(hn::LowerHalf(half, parts), hn::UpperHalf(half, parts)));
    }
}

// The sums of four vectors.
HWY_INLINE hn::Vec<Four> sums_of(hn::Vec<Floats> v0, hn::Vec<Floats> v1, hn::Vec<Floats> v2,
                                 hn::Vec<Floats> v3) {
    const Floats d;
    const hn::Repartition<double, Floats> pairs;
    const auto v01 =
        hn::BitCast(pairs, hn::Add(hn::InterleaveLower(d, v0, v1), hn::InterleaveUpper(d, v0, v1)));
    const auto v23 =
        hn::BitCast(pairs, hn::Add(hn::InterleaveLower(d, v2, v3), hn::InterleaveUpper(d, v2, v3)));
    return sum_of_parts(d, hn::Add(hn::BitCast(d, hn::InterleaveLower(pairs, v01, v23)),
                                   hn::BitCast(d, hn::InterleaveUpper(pairs, v01, v23))));
}

// squares[c] = sum_a (x_a - centre_a)^2, with rates of (rate_a (x_a - centre_a))^2.
template <bool kRates>
void squares_of_some(const CellKernels& splats, const float* x, const std::uint32_t* some,
                     std::size_t count, float* squares) {
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    for (std::size_t c = 0; c < count; c += 4) {
        const auto at = [&](std::size_t r) {
            return some[std::min(c + r, count - 1)] * splats.stride;
        };
        const std::size_t s0 = at(0), s1 = at(1), s2 = at(2), s3 = at(3);
        auto sum0 = hn::Zero(d);
        auto sum1 = sum0;
        auto sum2 = sum0;
        auto sum3 = sum0;
        for (std::size_t a = 0; a < splats.stride; a += lanes) {
            const auto token = hn::LoadU(d, x + a);
            const auto add = [&](std::size_t s, auto& sum) {
                auto step = hn::Sub(token, hn::LoadU(d, splats.centre + s + a));
                if constexpr (kRates) step = hn::Mul(step, hn::LoadU(d, splats.rate + s + a));
                sum = hn::MulAdd(step, step, sum);
            };
            add(s0, sum0);
            add(s1, sum1);
            add(s2, sum2);
            add(s3, sum3);
        }
        hn::StoreU(sums_of(sum0, sum1, sum2, sum3), Four(), squares + c);
    }
}

void score_some_lanes(const CellKernels& splats, const float* x, const std::uint32_t* some,
                      std::size_t count, float* ell, float* score) {
    if (splats.rate) squares_of_some<true>(splats, x, some, count, ell);
    else squares_of_some<false>(splats, x, some, count, ell);
    for (std::size_t c = 0; c < count; ++c) {
        const std::size_t s = some[c];
        const float square = splats.rate ? ell[c] : ell[c] * splats.scale[s];
        ell[c] = std::max(-square, splats.least);
        score[c] = ell[c] + splats.shift[s];
    }
}

void add_lanes(const float* a, const float* b, std::size_t count, float* out) {
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    std::size_t s = 0;
    for (; s + lanes <= count; s += lanes)
        hn::StoreU(hn::Add(hn::LoadU(d, a + s), hn::LoadU(d, b + s)), d, out + s);
    for (; s < count; ++s) out[s] = a[s] + b[s];
}

// The `rank`-th largest (from 1) of values, which may be read up to the next whole vector and is
// -infinity there.
HWY_INLINE float ranked(const float* values, std::size_t count, std::size_t rank) {
    const Floats d;
    const hn::RebindToSigned<Floats> whole;
    const std::size_t lanes = hn::Lanes(d);
    const auto enough = hn::Set(whole, static_cast<std::int32_t>(rank));
    auto least = hn::Set(d, std::numeric_limits<float>::infinity());
    for (std::size_t first = 0; first < count; first += lanes) {
        const auto own = hn::LoadU(d, values + first);
        auto above0 = hn::Zero(whole);
        auto above1 = hn::Zero(whole);
        const auto is_above = [&](std::size_t i) {
            return hn::VecFromMask(whole,
                                   hn::RebindMask(whole, hn::Gt(hn::Set(d, values[i]), own)));
        };
        std::size_t i = 0;
        for (; i + 2 <= count; i += 2) {
            above0 = hn::Sub(above0, is_above(i));
            above1 = hn::Sub(above1, is_above(i + 1));
        }
        if (i < count) above0 = hn::Sub(above0, is_above(i));
        const auto among = hn::RebindMask(d, hn::Lt(hn::Add(above0, above1), enough));
        least = hn::Min(least, hn::IfThenElse(among, own, least));
    }
    return hn::GetLane(hn::MinOfLanes(d, least));
}

// The bits of the scores that are at least so large; count: a whole number of words.
HWY_INLINE void bits_from(const float* scores, std::size_t count, float least, std::uint8_t* bits) {
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    const auto bound = hn::Set(d, least);
    for (std::size_t s = 0; s < count; s += lanes) {
        const auto kept = hn::Ge(hn::LoadU(d, scores + s), bound);
        if (lanes >= 8) {
            (void)hn::StoreMaskBits(d, kept, bits + s / 8);
        } else {
            std::uint8_t part[8] = {};
            (void)hn::StoreMaskBits(d, kept, part);
            const auto shifted = static_cast<std::uint8_t>(part[0] << s % 8);
            bits[s / 8] = static_cast<std::uint8_t>(s % 8 == 0 ? shifted : bits[s / 8] | shifted);
        }
    }
}

// Of up to kRanked scores the `wanted` largest; false where -infinity would be among them.
bool keep_largest(const float* scores, std::size_t count, std::size_t wanted, std::uint32_t* out) {
    const float least = ranked(scores, count, wanted);
    if (least == -std::numeric_limits<float>::infinity()) return false;
    HWY_ALIGN std::uint8_t bits[kRanked / 8];
    bits_from(scores, kRanked, least, bits);
    std::uint32_t places[kRanked + kAhead];
    const std::size_t found = places_of_bits(bits, kRanked / 64, places);
    if (found == wanted) {
        std::copy_n(places, wanted, out);
        return true;
    }
    std::size_t spare = found - wanted;  // of those equal to the least, the last
    std::size_t kept = wanted;
    for (std::size_t f = found; f-- > 0;) {
        if (spare > 0 && scores[places[f]] == least) {
            --spare;
            continue;
        }
        out[--kept] = places[f];
    }
    return true;
}

// The largest of every kGroups-th score bound the wanted ones from below; few reach that bound.
// Returns whether it went so. count: a whole number of words.
bool largest_of_many(const float* scores, std::size_t count, std::size_t wanted,
                     SelectionScratch& scratch, std::uint32_t* out) {
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    const std::size_t groups = wanted <= kMost / 2 ? kRanked / 2 : kRanked;
    HWY_ALIGN float most[kRanked];
    for (std::size_t place = 0; place < groups; place += lanes) {
        auto own = hn::Set(d, -std::numeric_limits<float>::infinity());
        for (std::size_t s = place; s < count; s += groups)
            own = hn::Max(own, hn::LoadU(d, scores + s));
        hn::Store(own, d, most + place);
    }
    const float least = ranked(most, groups, wanted);
    if (least == -std::numeric_limits<float>::infinity()) return false;
    bits_from(scores, count, least, scratch.bits.data());
    const std::size_t found =
        places_of_bits(scratch.bits.data(), count / kScoreWord, scratch.places.data());
    if (found > kRanked) return false;
    HWY_ALIGN float few[kRanked];
    for (std::size_t f = 0; f < found; ++f) few[f] = scores[scratch.places[f]];
    std::fill(few + found, few + kRanked, -std::numeric_limits<float>::infinity());
    if (!keep_largest(few, found, wanted, out)) return false;
    for (std::size_t b = 0; b < wanted; ++b) out[b] = scratch.places[out[b]];
    return true;
}

bool largest_lanes(const float* scores, std::size_t count, std::size_t wanted,
                   SelectionScratch& scratch, std::uint32_t* out) {
    if (wanted > kMost) return false;
    if (count <= kRanked) return keep_largest(scores, count, wanted, out);
    return largest_of_many(scores, (count + kScoreWord - 1) / kScoreWord * kScoreWord, wanted,
                           scratch, out);
}

}  // namespace hsa::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsa {

HWY_EXPORT(nearest_codes_lanes);
HWY_EXPORT(add_cell_parts_lanes);
HWY_EXPORT(least_bounds_lanes);
HWY_EXPORT(places_below_lanes);
HWY_EXPORT(score_some_lanes);
HWY_EXPORT(add_lanes);
HWY_EXPORT(largest_lanes);

SelectionScratch::SelectionScratch(std::size_t count)
    : bits((count + kScoreWord - 1) / kScoreWord * kScoreWord / 8), places(count + kScoreWord) {}

void nearest_codes(const float* x, std::size_t stride, const float* centres,
                   const float* half_square, std::size_t tokens, std::uint32_t* code) {
    HWY_DYNAMIC_DISPATCH(nearest_codes_lanes)(x, stride, centres, half_square, tokens, code);
}

void add_cell_parts(const CellTables& cells, const std::uint32_t* offset, std::size_t tokens,
                    std::uint8_t* totals, std::size_t total_stride) {
    HWY_DYNAMIC_DISPATCH(add_cell_parts_lanes)(cells, offset, tokens, totals, total_stride);
}

void least_bounds(MatrixView<const std::uint8_t> totals, std::size_t wanted,
                  std::span<std::uint8_t> bounds) {
    HWY_DYNAMIC_DISPATCH(least_bounds_lanes)(totals, wanted, bounds.data());
}

std::size_t places_below(std::span<const std::uint8_t> totals, std::uint8_t bound,
                         SelectionScratch& scratch, std::uint32_t* out) {
    return HWY_DYNAMIC_DISPATCH(places_below_lanes)(totals.data(), totals.size(), bound, scratch,
                                                    out);
}

void score_some(const CellKernels& splats, const float* x, std::span<const std::uint32_t> some,
                float* ell, float* score) {
    if (some.empty()) return;
    HWY_DYNAMIC_DISPATCH(score_some_lanes)(splats, x, some.data(), some.size(), ell, score);
}

void add_elements(std::span<const float> a, std::span<const float> b, std::span<float> out) {
    HWY_DYNAMIC_DISPATCH(add_lanes)(a.data(), b.data(), out.size(), out.data());
}

void largest_scores(std::span<const float> scores, SelectionScratch& scratch,
                    std::span<std::uint32_t> out) {
    if (out.empty()) return;
    if (HWY_DYNAMIC_DISPATCH(largest_lanes)(scores.data(), scores.size(), out.size(), scratch,
                                            out.data()))
        return;
    const std::span<std::uint32_t> places = std::span(scratch.places).first(scores.size());
    std::iota(places.begin(), places.end(), 0U);
    std::nth_element(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(out.size() - 1),
                     places.end(), [scores](std::uint32_t a, std::uint32_t b) {
                         return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
                     });
    std::copy_n(places.begin(), out.size(), out.begin());
    std::sort(out.begin(), out.end());
}

}  // namespace hsa
#endif
