#include "engine/attention/selection_lanes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

// Highway compiles the block below once for each instruction set and chooses at run time; its
// foreach_target.h comes first.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/attention/selection_lanes.cpp"
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

constexpr std::uint8_t kFullTotal = 255;  // held there, of splats that are never taken

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

void add_cell_parts_lanes(const CellTables& cells, const std::uint32_t* row, std::size_t row_stride,
                          std::size_t tokens, std::uint8_t* totals, std::size_t total_stride) {
    const Bytes d;
    const std::size_t lanes = hn::Lanes(d);
    const std::size_t rows = cells.groups * kCellCodes;
    for (std::size_t slice = 0; slice < cells.slices; ++slice) {
        const std::uint8_t* table = cells.tables + slice * rows * kCellSlice;
        for (std::size_t i = 0; i < tokens; ++i) {
            const std::uint32_t* own = row + i;
            for (std::size_t first = 0; first < kCellSlice; first += 2 * lanes) {
                const std::size_t at = slice * kCellSlice + first;
                auto sum0 = hn::LoadU(d, cells.base + at);
                auto sum1 = hn::LoadU(d, cells.base + at + lanes);
                for (std::size_t g = 0; g < cells.groups; ++g) {
                    const std::uint8_t* parts = table + own[g * row_stride] * kCellSlice + first;
                    sum0 = hn::SaturatedAdd(sum0, hn::LoadU(d, parts));
                    sum1 = hn::SaturatedAdd(sum1, hn::LoadU(d, parts + lanes));
                }
                hn::StoreU(sum0, d, totals + i * total_stride + at);
                hn::StoreU(sum1, d, totals + i * total_stride + at + lanes);
            }
        }
    }
}

HWY_INLINE std::size_t count_below(const std::uint8_t* totals, std::size_t count, std::uint8_t t) {
    const Bytes d;
    const std::size_t lanes = hn::Lanes(d);
    const auto bound = hn::Set(d, t);
    std::size_t found = 0;
    for (std::size_t s = 0; s < count; s += lanes)
        found += hn::CountTrue(d, hn::Lt(hn::LoadU(d, totals + s), bound));
    return found;
}

std::size_t least_totals_lanes(const std::uint8_t* totals, std::size_t count, std::size_t wanted,
                               std::uint32_t* out, std::size_t room) {
    const Bytes d;
    const std::size_t lanes = hn::Lanes(d);
    std::uint8_t low = 1;
    std::uint8_t high = kFullTotal;
    while (low < high) {
        const auto middle = static_cast<std::uint8_t>((low + high) / 2);
        if (count_below(totals, count, middle) >= wanted) high = middle;
        else low = static_cast<std::uint8_t>(middle + 1);
    }
    const auto bound = hn::Set(d, high);
    std::size_t found = 0;
    for (std::size_t first = 0; first < count; first += 64) {
        std::uint64_t bits = 0;
        for (std::size_t s = 0; s < 64; s += lanes) {
            std::uint64_t part = 0;
            std::array<std::uint8_t, 8> bytes{};
            (void)hn::StoreMaskBits(d, hn::Lt(hn::LoadU(d, totals + first + s), bound),
                                    bytes.data());
            std::memcpy(&part, bytes.data(), sizeof part);
            bits |= part << s;
        }
        for (; bits != 0 && found < room; bits &= bits - 1)
            out[found++] = static_cast<std::uint32_t>(
                first + static_cast<std::size_t>(std::countr_zero(bits)));
    }
    return found;
}

template <bool kRates>
void log_kernels_lanes(const CellKernels& splats, const float* x, const std::uint32_t* some,
                       std::size_t count, float* ell) {
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    for (std::size_t c = 0; c < count; ++c) {
        const std::size_t s = some[c];
        const float* centre = splats.centre + s * splats.stride;
        const float* rate = splats.rate + (kRates ? s * splats.stride : 0);
        auto sum0 = hn::Zero(d);
        auto sum1 = hn::Zero(d);
        const auto add = [&](std::size_t a, auto& sum) {
            auto step = hn::Sub(hn::LoadU(d, x + a), hn::LoadU(d, centre + a));
            if constexpr (kRates) step = hn::Mul(step, hn::LoadU(d, rate + a));
            sum = hn::MulAdd(step, step, sum);
        };
        std::size_t a = 0;
        for (; a + 2 * lanes <= splats.stride; a += 2 * lanes) {
            add(a, sum0);
            add(a + lanes, sum1);
        }
        if (a < splats.stride) add(a, sum0);
        const float square = hn::GetLane(hn::SumOfLanes(d, hn::Add(sum0, sum1)));
        ell[c] = kRates ? -square : -square * splats.scale[s];
    }
}

void log_kernels_of_some_lanes(const CellKernels& splats, const float* x, const std::uint32_t* some,
                               std::size_t count, float* ell) {
    if (splats.rate) log_kernels_lanes<true>(splats, x, some, count, ell);
    else log_kernels_lanes<false>(splats, x, some, count, ell);
}

// The `rank`-th largest (from 1) of values, which may be read up to the next whole vector and is
// -infinity there.
float ranked(const float* values, std::size_t count, std::size_t rank) {
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

constexpr std::size_t kRanked = 64;         // numbers that are compared each with each
constexpr std::size_t kMost = kRanked / 2;  // taken by comparison

// Places of the scores >= least, in order; `out` has room for a vector more.
std::size_t places_from(const float* scores, std::size_t count, float least, std::uint32_t* out) {
    const Floats d;
    const hn::RebindToUnsigned<Floats> whole;
    const std::size_t lanes = hn::Lanes(d);
    const auto bound = hn::Set(d, least);
    std::size_t found = 0;
    std::size_t s = 0;
    for (; s + lanes <= count; s += lanes) {
        const auto kept = hn::Ge(hn::LoadU(d, scores + s), bound);
        if (hn::AllFalse(d, kept)) continue;
        found += hn::CompressStore(hn::Iota(whole, static_cast<std::uint32_t>(s)),
                                   hn::RebindMask(whole, kept), whole, out + found);
    }
    for (; s < count; ++s)
        if (scores[s] >= least) out[found++] = static_cast<std::uint32_t>(s);
    return found;
}

// Those of a few scores at `places` (null: one after the other) that are the `wanted` largest.
void keep_largest(const float* scores, const std::uint32_t* places, std::size_t count,
                  std::size_t wanted, std::uint32_t* out) {
    HWY_ALIGN float values[kRanked + kRowFloats];
    for (std::size_t c = 0; c < count; ++c) values[c] = scores[places ? places[c] : c];
    std::fill(values + count, values + count + kRowFloats, -std::numeric_limits<float>::infinity());
    const float least = ranked(values, count, wanted);
    std::size_t above = 0;
    for (std::size_t c = 0; c < count; ++c) above += values[c] > least ? 1U : 0U;
    std::size_t equal = wanted - above;
    std::size_t found = 0;
    for (std::size_t c = 0; c < count && found < wanted; ++c) {
        const bool tie = values[c] == least && equal > 0;
        out[found] = places ? places[c] : static_cast<std::uint32_t>(c);
        found += values[c] > least || tie ? 1U : 0U;
        equal -= tie ? 1U : 0U;
    }
}

// The largest of every kRanked-th score bound the wanted ones from below; few reach that bound.
// Returns whether it went so.
bool largest_of_many(const float* scores, std::size_t count, std::size_t wanted,
                     std::vector<std::uint32_t>& places, std::uint32_t* out) {
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    HWY_ALIGN float most[kRanked + kRowFloats];
    std::fill(most, most + kRanked + kRowFloats, -std::numeric_limits<float>::infinity());
    const std::size_t whole = count / kRanked * kRanked;
    for (std::size_t place = 0; place < kRanked; place += 2 * lanes) {
        auto most0 = hn::Set(d, -std::numeric_limits<float>::infinity());
        auto most1 = most0;
        for (std::size_t s = place; s < whole; s += kRanked) {
            most0 = hn::Max(most0, hn::LoadU(d, scores + s));
            most1 = hn::Max(most1, hn::LoadU(d, scores + s + lanes));
        }
        hn::Store(most0, d, most + place);
        hn::Store(most1, d, most + place + lanes);
    }
    const float least = ranked(most, kRanked, wanted);
    places.resize(count + kRowFloats);
    const std::size_t found = places_from(scores, count, least, places.data());
    if (found > kRanked) return false;
    keep_largest(scores, places.data(), found, wanted, out);
    return true;
}

bool largest_lanes(const float* scores, std::size_t count, std::size_t wanted,
                   std::vector<std::uint32_t>& places, std::uint32_t* out) {
    if (wanted > kMost) return false;
    if (count > kRanked) return largest_of_many(scores, count, wanted, places, out);
    keep_largest(scores, nullptr, count, wanted, out);
    return true;
}

}  // namespace hsa::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsa {

HWY_EXPORT(nearest_codes_lanes);
HWY_EXPORT(add_cell_parts_lanes);
HWY_EXPORT(least_totals_lanes);
HWY_EXPORT(log_kernels_of_some_lanes);
HWY_EXPORT(largest_lanes);

void nearest_codes(const float* x, std::size_t stride, const float* centres,
                   const float* half_square, std::size_t tokens, std::uint32_t* code) {
    HWY_DYNAMIC_DISPATCH(nearest_codes_lanes)(x, stride, centres, half_square, tokens, code);
}

void add_cell_parts(const CellTables& cells, const std::uint32_t* row, std::size_t row_stride,
                    std::size_t tokens, std::uint8_t* totals, std::size_t total_stride) {
    HWY_DYNAMIC_DISPATCH(add_cell_parts_lanes)
    (cells, row, row_stride, tokens, totals, total_stride);
}

std::size_t least_totals(std::span<const std::uint8_t> totals, std::size_t wanted,
                         std::span<std::uint32_t> out) {
    return HWY_DYNAMIC_DISPATCH(least_totals_lanes)(totals.data(), totals.size(), wanted,
                                                    out.data(), out.size());
}

void log_kernels_of_some(const CellKernels& splats, const float* x,
                         std::span<const std::uint32_t> some, float* ell) {
    HWY_DYNAMIC_DISPATCH(log_kernels_of_some_lanes)(splats, x, some.data(), some.size(), ell);
}

void largest_scores(std::span<const float> scores, std::span<std::uint32_t> out) {
    if (out.empty()) return;
    thread_local std::vector<std::uint32_t> places;
    if (HWY_DYNAMIC_DISPATCH(largest_lanes)(scores.data(), scores.size(), out.size(), places,
                                            out.data()))
        return;
    places.resize(scores.size());
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
