#include "engine/attention/row_lanes.h"

#include "engine/core/error.h"

#include <algorithm>
#include <limits>

// Highway compiles the block below once for each instruction set and chooses at run time; its
// foreach_target.h comes first.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/attention/row_lanes.cpp"
// foreach_target.h must come first.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace hsa::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

double weigh_lanes(float* e, const float* row_factor, const float* key_factor, std::size_t count,
                   float least, float* p) {
    const hn::ScalableTag<float> d;
    const hn::RepartitionToWide<decltype(d)> wide;
    const hn::Half<decltype(d)> half;
    const std::size_t lanes = hn::Lanes(d);
    auto low = hn::Zero(wide);
    auto high = hn::Zero(wide);
    auto greatest = hn::Zero(d);
    std::size_t s = 0;
    for (; s + lanes <= count; s += lanes) {
        const auto exponential = hn::LoadU(d, e + s);
        const auto weighed = hn::Mul(exponential, hn::LoadU(d, row_factor + s));
        hn::StoreU(weighed, d, p + s);
        hn::StoreU(hn::Mul(exponential, hn::LoadU(d, key_factor + s)), d, e + s);
        greatest = hn::Max(greatest, weighed);
        low = hn::Add(low, hn::PromoteTo(wide, hn::LowerHalf(half, weighed)));
        high = hn::Add(high, hn::PromoteTo(wide, hn::UpperHalf(half, weighed)));
    }
    double sum = hn::GetLane(hn::SumOfLanes(wide, hn::Add(low, high)));
    float most = hn::GetLane(hn::MaxOfLanes(d, greatest));
    for (; s < count; ++s) {
        p[s] = e[s] * row_factor[s];
        e[s] *= key_factor[s];
        sum += static_cast<double>(p[s]);
        most = std::max(most, p[s]);
    }
    if (!(most >= least)) return 0.0;
    const auto share = static_cast<float>(1.0 / sum);
    const auto shares = hn::Set(d, share);
    for (s = 0; s + lanes <= count; s += lanes)
        hn::StoreU(hn::Mul(hn::LoadU(d, p + s), shares), d, p + s);
    for (; s < count; ++s) p[s] *= share;
    return sum;
}

// What is left over of a vector. A function of its own, so that the compiler joins products and
// sums alike wherever it is called: the same bits for one row as for four.
HWY_NOINLINE float left_over(const float* a, const float* b, std::size_t first, std::size_t last) {
    float sum = 0.0F;
    for (std::size_t s = first; s < last; ++s) sum += a[s] * b[s];
    return sum;
}

// Cells (row, j) .. (row + kRows - 1, j) for all tokens j; the rows share every load of k.
template <std::size_t kRows>
void product_lanes_of(const MatrixView<const float>& p, const MatrixView<const float>& k,
                      std::size_t row, const MatrixView<float>& out) {
    static_assert(kRows == 1 || kRows == 4);
    const hn::ScalableTag<float> d;
    const std::size_t lanes = hn::Lanes(d);
    const std::size_t whole = p.cols / lanes * lanes;
    const float* rows[kRows];
    for (std::size_t r = 0; r < kRows; ++r) rows[r] = p.data + (row + r) * p.stride;
    for (std::size_t j = 0; j < k.rows; ++j) {
        const float* key = k.data + j * k.stride;
        auto sum0 = hn::Zero(d);
        auto sum1 = hn::Zero(d);
        auto sum2 = hn::Zero(d);
        auto sum3 = hn::Zero(d);
        for (std::size_t s = 0; s < whole; s += lanes) {
            const auto keys = hn::LoadU(d, key + s);
            sum0 = hn::MulAdd(hn::LoadU(d, rows[0] + s), keys, sum0);
            if constexpr (kRows == 4) {
                sum1 = hn::MulAdd(hn::LoadU(d, rows[1] + s), keys, sum1);
                sum2 = hn::MulAdd(hn::LoadU(d, rows[2] + s), keys, sum2);
                sum3 = hn::MulAdd(hn::LoadU(d, rows[3] + s), keys, sum3);
            }
        }
        float cells[4] = {hn::GetLane(hn::SumOfLanes(d, sum0)), 0.0F, 0.0F, 0.0F};
        if constexpr (kRows == 4) {
            cells[1] = hn::GetLane(hn::SumOfLanes(d, sum1));
            cells[2] = hn::GetLane(hn::SumOfLanes(d, sum2));
            cells[3] = hn::GetLane(hn::SumOfLanes(d, sum3));
        }
        for (std::size_t r = 0; r < kRows; ++r)
            out.data[(row + r) * out.stride + j] =
                cells[r] + left_over(rows[r], key, whole, p.cols);
    }
}

void product_lanes(const MatrixView<const float>& p, const MatrixView<const float>& k,
                   const MatrixView<float>& out) {
    std::size_t row = 0;
    for (; row + 4 <= p.rows; row += 4) product_lanes_of<4>(p, k, row, out);
    for (; row < p.rows; ++row) product_lanes_of<1>(p, k, row, out);
}

// One vector of columns of rows row .. row + kRows - 1, for the terms [first, last).
template <std::size_t kRows>
void weighted_lanes_of(const MatrixView<const float>& p, const MatrixView<const float>& u,
                       std::size_t row, std::size_t column, std::size_t first, std::size_t last,
                       const MatrixView<float>& out) {
    static_assert(kRows == 1 || kRows == 4);
    const hn::ScalableTag<float> d;
    const float* rows[kRows];
    for (std::size_t r = 0; r < kRows; ++r) rows[r] = p.data + (row + r) * p.stride;
    auto sum0 = hn::Zero(d);
    auto sum1 = hn::Zero(d);
    auto sum2 = hn::Zero(d);
    auto sum3 = hn::Zero(d);
    for (std::size_t s = first; s < last; ++s) {
        const auto terms = hn::LoadU(d, u.data + s * u.stride + column);
        sum0 = hn::MulAdd(hn::Set(d, rows[0][s]), terms, sum0);
        if constexpr (kRows == 4) {
            sum1 = hn::MulAdd(hn::Set(d, rows[1][s]), terms, sum1);
            sum2 = hn::MulAdd(hn::Set(d, rows[2][s]), terms, sum2);
            sum3 = hn::MulAdd(hn::Set(d, rows[3][s]), terms, sum3);
        }
    }
    float* to = out.data + row * out.stride + column;
    hn::StoreU(hn::Add(hn::LoadU(d, to), sum0), d, to);
    if constexpr (kRows == 4) {
        hn::StoreU(hn::Add(hn::LoadU(d, to + out.stride), sum1), d, to + out.stride);
        hn::StoreU(hn::Add(hn::LoadU(d, to + 2 * out.stride), sum2), d, to + 2 * out.stride);
        hn::StoreU(hn::Add(hn::LoadU(d, to + 3 * out.stride), sum3), d, to + 3 * out.stride);
    }
}

// One cell of what is left over of a vector, by the same steps as a lane: a loop of floats would be
// joined into vectors, and then its bits depend on how many terms there are.
void weighted_cell(const MatrixView<const float>& p, const MatrixView<const float>& u,
                   std::size_t row, std::size_t column, std::size_t first, std::size_t last,
                   const MatrixView<float>& out) {
    const hn::CappedTag<float, 1> d;
    auto sum = hn::Zero(d);
    for (std::size_t s = first; s < last; ++s)
        sum = hn::MulAdd(hn::Set(d, p(row, s)), hn::Set(d, u(s, column)), sum);
    out(row, column) += hn::GetLane(sum);
}

void weighted_lanes(const MatrixView<const float>& p, const MatrixView<const float>& u,
                    const MatrixView<float>& out) {
    constexpr std::size_t kTermsAtOnce = 128;
    const std::size_t lanes = hn::Lanes(hn::ScalableTag<float>());
    const std::size_t whole = u.cols / lanes * lanes;
    for (std::size_t first = 0; first < p.cols; first += kTermsAtOnce) {
        const std::size_t last = std::min(p.cols, first + kTermsAtOnce);
        for (std::size_t column = 0; column < whole; column += lanes) {
            std::size_t row = 0;
            for (; row + 4 <= p.rows; row += 4)
                weighted_lanes_of<4>(p, u, row, column, first, last, out);
            for (; row < p.rows; ++row) weighted_lanes_of<1>(p, u, row, column, first, last, out);
        }
        for (std::size_t row = 0; row < p.rows; ++row)
            for (std::size_t column = whole; column < u.cols; ++column)
                weighted_cell(p, u, row, column, first, last, out);
    }
}

double largest_logit_lanes(const float* ell, const double* base, std::size_t count) {
    const hn::ScalableTag<double> d;
    const hn::Rebind<float, decltype(d)> narrow;
    const std::size_t lanes = hn::Lanes(d);
    double largest = -std::numeric_limits<double>::infinity();
    auto most0 = hn::Set(d, largest);
    auto most1 = most0;
    const auto logit = [&](std::size_t s) {
        return hn::Add(hn::PromoteTo(d, hn::LoadU(narrow, ell + s)), hn::LoadU(d, base + s));
    };
    std::size_t s = 0;
    for (; s + 2 * lanes <= count; s += 2 * lanes) {
        most0 = hn::Max(most0, logit(s));
        most1 = hn::Max(most1, logit(s + lanes));
    }
    largest = hn::GetLane(hn::MaxOfLanes(d, hn::Max(most0, most1)));
    for (; s < count; ++s) largest = std::max(largest, static_cast<double>(ell[s]) + base[s]);
    return largest;
}

void shift_logits_lanes(const double* base, double shift, float* ell, std::size_t count) {
    const hn::ScalableTag<double> d;
    const hn::Rebind<float, decltype(d)> narrow;
    const std::size_t lanes = hn::Lanes(d);
    const auto by = hn::Set(d, shift);
    std::size_t s = 0;
    for (; s + lanes <= count; s += lanes) {
        const auto logit =
            hn::Add(hn::PromoteTo(d, hn::LoadU(narrow, ell + s)), hn::LoadU(d, base + s));
        hn::StoreU(hn::DemoteTo(narrow, hn::Sub(logit, by)), narrow, ell + s);
    }
    for (; s < count; ++s)
        ell[s] = static_cast<float>(static_cast<double>(ell[s]) + base[s] - shift);
}

double weighted_total_lanes(const float* weight, const double* total, std::size_t count) {
    const hn::ScalableTag<double> d;
    const hn::Rebind<float, decltype(d)> narrow;
    const std::size_t lanes = hn::Lanes(d);
    auto sum0 = hn::Zero(d);
    auto sum1 = hn::Zero(d);
    const auto add = [&](std::size_t s, auto sum) {
        return hn::MulAdd(hn::PromoteTo(d, hn::LoadU(narrow, weight + s)), hn::LoadU(d, total + s),
                          sum);
    };
    std::size_t s = 0;
    for (; s + 2 * lanes <= count; s += 2 * lanes) {
        sum0 = add(s, sum0);
        sum1 = add(s + lanes, sum1);
    }
    double sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(sum0, sum1)));
    for (; s < count; ++s) sum += static_cast<double>(weight[s]) * total[s];
    return sum;
}

}  // namespace hsa::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsa {

HWY_EXPORT(weigh_lanes);
HWY_EXPORT(product_lanes);
HWY_EXPORT(weighted_lanes);
HWY_EXPORT(largest_logit_lanes);
HWY_EXPORT(shift_logits_lanes);
HWY_EXPORT(weighted_total_lanes);

double weigh_row(std::span<float> e, std::span<const float> row_factor,
                 std::span<const float> key_factor, float least, std::span<float> p) {
    return HWY_DYNAMIC_DISPATCH(weigh_lanes)(e.data(), row_factor.data(), key_factor.data(),
                                             e.size(), least, p.data());
}

void row_products(MatrixView<const float> p, MatrixView<const float> k, MatrixView<float> out) {
    if (p.cols != k.cols || out.rows != p.rows || out.cols != k.rows)
        fault("the shapes of a product of rows do not fit");
    HWY_DYNAMIC_DISPATCH(product_lanes)(p, k, out);
}

void add_weighted_rows(MatrixView<const float> p, MatrixView<const float> u,
                       MatrixView<float> out) {
    if (p.cols != u.rows || out.rows != p.rows || out.cols != u.cols)
        fault("the shapes of a sum of weighted rows do not fit");
    HWY_DYNAMIC_DISPATCH(weighted_lanes)(p, u, out);
}

double largest_logit(std::span<const float> ell, std::span<const double> base) {
    return HWY_DYNAMIC_DISPATCH(largest_logit_lanes)(ell.data(), base.data(), ell.size());
}

void shift_logits(std::span<const double> base, double shift, std::span<float> ell) {
    HWY_DYNAMIC_DISPATCH(shift_logits_lanes)(base.data(), shift, ell.data(), ell.size());
}

double weighted_total(std::span<const float> weight, std::span<const double> total) {
    return HWY_DYNAMIC_DISPATCH(weighted_total_lanes)(weight.data(), total.data(), weight.size());
}

}  // namespace hsa
#endif
