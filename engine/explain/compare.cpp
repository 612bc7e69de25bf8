#include "engine/explain/compare.h"

#include "engine/attention/cells.h"
#include "engine/core/error.h"
#include "engine/core/largest.h"
#include "engine/core/parallel.h"
#include "engine/core/stratified.h"
#include "engine/explain/sampled_rows.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>

namespace hsa {
namespace {

constexpr double kLeast = 1e-30;  // of A in KL(B | A), as in row_kl
constexpr std::size_t kTop = 8;

double relative_entropy(std::span<const float> b, std::span<const float> a, double weight_of_b) {
    double sum = 0.0;
    for (std::size_t j = 0; j < b.size(); ++j) {
        const auto t = static_cast<double>(b[j]);
        if (t <= 0.0) continue;
        const double mixed = weight_of_b * t + (1.0 - weight_of_b) * static_cast<double>(a[j]);
        sum += t * std::log(t / std::max(mixed, kLeast));
    }
    return sum;
}

// product / sqrt(a b); two vectors of zeros agree, one does not.
double correlation(double product, double square_a, double square_b) {
    if (square_a <= 0.0 && square_b <= 0.0) return 1.0;
    if (square_a <= 0.0 || square_b <= 0.0) return 0.0;
    return product / std::sqrt(square_a * square_b);
}

double cosine(std::span<const float> a, std::span<const float> b) {
    double product = 0.0;
    double square_a = 0.0;
    double square_b = 0.0;
    for (std::size_t j = 0; j < a.size(); ++j) {
        const auto x = static_cast<double>(a[j]);
        const auto y = static_cast<double>(b[j]);
        product += x * y;
        square_a += x * x;
        square_b += y * y;
    }
    return correlation(product, square_a, square_b);
}

// Tokens by rising value, equal ones in order: a radix sort, for the bits of floats >= 0 rise with
// them.
std::vector<std::uint32_t> rising(std::span<const float> values) {
    constexpr std::uint32_t kDigit = 11;
    constexpr std::uint32_t kDigits = 3;
    std::vector<std::uint32_t> order(values.size());
    std::iota(order.begin(), order.end(), 0U);
    std::vector<std::uint32_t> sorted(values.size());
    const auto bits = [&](std::uint32_t j) {
        return values[j] > 0.0F ? std::bit_cast<std::uint32_t>(values[j]) : 0U;
    };
    for (std::uint32_t digit = 0; digit < kDigits; ++digit) {
        const auto bucket = [&](std::uint32_t j) {
            return (bits(j) >> (digit * kDigit)) & ((1U << kDigit) - 1U);
        };
        std::array<std::size_t, (1U << kDigit) + 1U> begin{};
        for (const std::uint32_t j : order) ++begin[bucket(j) + 1U];
        std::partial_sum(begin.begin(), begin.end(), begin.begin());
        for (const std::uint32_t j : order) sorted[begin[bucket(j)]++] = j;
        order.swap(sorted);
    }
    return order;
}

// Ranks less their mean, equal values at their mean rank.
std::vector<double> centred_ranks(std::span<const float> values) {
    const std::vector<std::uint32_t> order = rising(values);
    const double middle = (static_cast<double>(values.size()) - 1.0) / 2.0;
    std::vector<double> ranks(values.size());
    for (std::size_t first = 0; first < order.size();) {
        std::size_t last = first + 1;
        while (last < order.size() && values[order[last]] == values[order[first]]) ++last;
        const double rank = static_cast<double>(first + last - 1) / 2.0 - middle;
        for (; first < last; ++first) ranks[order[first]] = rank;
    }
    return ranks;
}

double spearman(std::span<const float> a, std::span<const float> b) {
    const std::vector<double> x = centred_ranks(a);
    const std::vector<double> y = centred_ranks(b);
    return correlation(std::inner_product(x.begin(), x.end(), y.begin(), 0.0),
                       std::inner_product(x.begin(), x.end(), x.begin(), 0.0),
                       std::inner_product(y.begin(), y.end(), y.begin(), 0.0));
}

std::vector<std::uint32_t> top(std::span<const float> values) {
    std::vector<std::uint32_t> order(values.size());
    std::iota(order.begin(), order.end(), 0U);
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(kTop, order.size()));
    std::partial_sort(order.begin(), end, order.end(), [&](std::uint32_t x, std::uint32_t y) {
        return values[x] != values[y] ? values[x] > values[y] : x < y;
    });
    order.erase(end, order.end());
    std::sort(order.begin(), order.end());
    return order;
}

double top_share(std::span<const float> a, std::span<const float> b) {
    const std::vector<std::uint32_t> x = top(a);
    const std::vector<std::uint32_t> y = top(b);
    std::vector<std::uint32_t> common;
    std::set_intersection(x.begin(), x.end(), y.begin(), y.end(), std::back_inserter(common));
    return x.empty() ? 1.0 : static_cast<double>(common.size()) / static_cast<double>(x.size());
}

RowAgreement mean(const std::vector<RowAgreement>& rows) {
    RowAgreement sum;
    for (const RowAgreement& row : rows) {
        sum.row_kl += row.row_kl;
        sum.js += row.js;
        sum.cosine += row.cosine;
        sum.spearman += row.spearman;
        sum.top8 += row.top8;
    }
    const auto count = static_cast<double>(std::max<std::size_t>(rows.size(), 1));
    return {sum.row_kl / count, sum.js / count, sum.cosine / count, sum.spearman / count,
            sum.top8 / count};
}

RowAgreement compare_rows(std::size_t n, std::span<const std::uint32_t> rows,
                          const RowWriter& shown, const RowWriter& with, const Work& work) {
    std::vector<RowAgreement> agreement(rows.size());
    by_stretch(rows, [&](std::size_t first, std::span<const std::uint32_t> some) {
        work.check();
        Matrix<float> a(some.size(), n);
        Matrix<float> b(some.size(), n);
        shown(some, a.view());
        with(some, b.view());
        parallel_for(some.size(), [&](std::size_t r) {
            agreement[first + r] = row_agreement(a.row(r), b.row(r));
        });
    });
    return mean(agreement);
}

// What is told of a row beside how far it agrees.
struct RowDetail {
    RowDifference difference;
    std::vector<double> shown, with;  // [bins] shares by distance
};

constexpr std::size_t kCells = 3;
constexpr std::size_t kWorst = 8;

std::vector<CellDifference> largest_differences(std::span<const float> a, std::span<const float> b,
                                                float sign) {
    std::vector<float> apart(a.size());
    for (std::size_t j = 0; j < a.size(); ++j) apart[j] = sign * (a[j] - b[j]);
    std::vector<CellDifference> cells;
    for (const std::uint32_t j : largest(apart, kCells))
        if (apart[j] > 0.0F)
            cells.push_back({j, static_cast<double>(a[j]), static_cast<double>(b[j])});
    return cells;
}

std::vector<double> by_distance(std::span<const float> row, std::size_t token, std::size_t bins) {
    std::vector<double> mass(bins, 0.0);
    for (std::size_t j = 0; j < row.size(); ++j)
        mass[distance_bin(j < token ? token - j : j - token)] += static_cast<double>(row[j]);
    return mass;
}

// The whole attention, with the rows that differ most and the distances.
void compare_whole(std::size_t n, std::span<const std::uint32_t> rows, const RowWriter& shown,
                   const RowWriter& with, const Work& work, Comparison& comparison) {
    const std::vector<DistanceBin> bins = distance_bins(n);
    std::vector<RowDetail> details(rows.size());
    by_stretch(rows, [&](std::size_t first, std::span<const std::uint32_t> some) {
        work.check();
        Matrix<float> a(some.size(), n);
        Matrix<float> b(some.size(), n);
        shown(some, a.view());
        with(some, b.view());
        parallel_for(some.size(), [&](std::size_t r) {
            RowDetail& detail = details[first + r];
            detail.difference.row = some[r];
            detail.difference.agreement = row_agreement(a.row(r), b.row(r));
            detail.difference.more = largest_differences(a.row(r), b.row(r), 1.0F);
            detail.difference.less = largest_differences(a.row(r), b.row(r), -1.0F);
            detail.shown = by_distance(a.row(r), some[r], bins.size());
            detail.with = by_distance(b.row(r), some[r], bins.size());
        });
    });
    std::vector<RowAgreement> agreements;
    std::vector<double> row_kl;
    for (const RowDetail& detail : details) {
        agreements.push_back(detail.difference.agreement);
        row_kl.push_back(detail.difference.agreement.row_kl);
    }
    comparison.whole = mean(agreements);
    comparison.by_row = spread_of(std::move(row_kl));
    const auto count = static_cast<double>(std::max<std::size_t>(rows.size(), 1));
    for (std::size_t bin = 0; bin < bins.size(); ++bin) {
        DistanceDifference distance{bins[bin], 0.0, 0.0};
        for (const RowDetail& detail : details) {
            distance.shown += detail.shown[bin] / count;
            distance.with += detail.with[bin] / count;
        }
        comparison.by_distance.push_back(distance);
    }
    std::stable_sort(details.begin(), details.end(), [](const RowDetail& x, const RowDetail& y) {
        return x.difference.agreement.row_kl > y.difference.agreement.row_kl;
    });
    for (std::size_t r = 0; r < std::min(details.size(), kWorst); ++r)
        comparison.worst.push_back(std::move(details[r].difference));
}

RowWriter whole_rows(const Factors& factors) {
    return [&factors](std::span<const std::uint32_t> rows, MatrixView<float> out) {
        attention_rows(factors, rows, {}, out);
    };
}

RowWriter level_rows(const Factors& factors, const Hierarchy& hierarchy, std::size_t level) {
    return [&factors, level, share = hierarchy.share(level)](std::span<const std::uint32_t> rows,
                                                             MatrixView<float> out) {
        level_attention_rows(factors, static_cast<std::uint16_t>(level), share, rows, out);
    };
}

Comparison begin(std::size_t n, std::size_t looked_at) {
    Comparison comparison;
    comparison.rows = looked_at;
    comparison.exact = looked_at == n;
    return comparison;
}

}  // namespace

RowAgreement row_agreement(std::span<const float> shown, std::span<const float> with) {
    if (shown.size() != with.size())
        fault("rows of {} and {} cells are compared", shown.size(), with.size());
    RowAgreement agreement;
    agreement.row_kl = relative_entropy(with, shown, 0.0);
    agreement.js =
        0.5 * relative_entropy(with, shown, 0.5) + 0.5 * relative_entropy(shown, with, 0.5);
    agreement.cosine = cosine(shown, with);
    agreement.spearman = spearman(shown, with);
    agreement.top8 = top_share(shown, with);
    return agreement;
}

Comparison compare(const Factors& shown, const Hierarchy& hierarchy, const Factors& with,
                   const Hierarchy& with_hierarchy, const Work& work, std::size_t rows) {
    const std::size_t n = shown.tokens();
    if (with.tokens() != n)
        fail("Attention over {} tokens cannot be compared row by row with attention over {}.", n,
             with.tokens());
    const std::vector<std::uint32_t> sample = stratified_rows(n, rows);
    Comparison comparison = begin(n, sample.size());
    compare_whole(n, sample, whole_rows(shown), whole_rows(with), work, comparison);
    for (std::size_t level = 0; level < hierarchy.size(); ++level) {
        const std::string& name = hierarchy.levels[level].name;
        const std::optional<std::size_t> other = with_hierarchy.index_of(name);
        if (!other) continue;
        comparison.by_level.push_back(
            {name, compare_rows(n, sample, level_rows(shown, hierarchy, level),
                                level_rows(with, with_hierarchy, *other), work)});
    }
    return comparison;
}

Comparison compare(const Factors& shown, const Hierarchy& hierarchy, const RowWriter& with,
                   const Work& work, std::size_t rows) {
    const std::size_t n = shown.tokens();
    const std::vector<std::uint32_t> sample = stratified_rows(n, rows);
    Comparison comparison = begin(n, sample.size());
    compare_whole(n, sample, whole_rows(shown), with, work, comparison);
    for (std::size_t level = 0; level < hierarchy.size(); ++level)
        comparison.by_level.push_back(
            {hierarchy.levels[level].name,
             compare_rows(n, sample, level_rows(shown, hierarchy, level), with, work)});
    return comparison;
}

}  // namespace hsa
