#include "engine/explain/changed_rows.h"

#include "engine/attention/cells.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/explain/sampled_rows.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hsa {
namespace {

constexpr std::size_t kMostCells = std::size_t{1} << 25U;
constexpr std::size_t kFewestRows = 64;
constexpr double kSlack = 1e-4;  // rounding of single-precision factors and rows

// Columns of two sets of factors that are the same splat, and those of one set only.
struct Matched {
    std::vector<std::pair<std::size_t, std::size_t>> both;
    std::vector<std::size_t> only_before, only_after;
};

// Ids rise and the background, kNoSplat, is the largest.
Matched match(const Factors& before, const Factors& after) {
    Matched matched;
    std::size_t b = 0;
    std::size_t a = 0;
    while (b < before.columns() || a < after.columns()) {
        const bool end_b = b == before.columns();
        const bool end_a = a == after.columns();
        if (!end_b && !end_a && before.ids[b] == after.ids[a]) matched.both.emplace_back(b++, a++);
        else if (end_a || (!end_b && before.ids[b] < after.ids[a]))
            matched.only_before.push_back(b++);
        else matched.only_after.push_back(a++);
    }
    return matched;
}

// K of the tokens up to i is k over its sum there, P / weight: its L1 change is at most twice that
// of k over that sum, and at most 2.
double moved_in_past(const Factors& factors, std::size_t column, std::size_t i, double moved) {
    const auto p = static_cast<double>(factors.p(i, column));
    const auto weight = static_cast<double>(factors.causal->weight(i, column));
    if (factors.causal->segments.size() > 1 || !(p > 0.0)) return 2.0;
    return std::min(2.0, 2.0 * moved * weight / p);
}

// sum_j |D_ij - D'_ij| of a row's exact pairs: what they add to the change of p K.
double moved_pairs(const NearPairs* before, const NearPairs* after, std::size_t i) {
    const auto at = [&](const NearPairs* near) {
        return near ? Range{near->set.begins[i], near->set.begins[i + 1]} : Range{};
    };
    Range b = at(before);
    Range a = at(after);
    double sum = 0.0;
    while (!b.empty() || !a.empty()) {
        const bool old_first = a.empty() || (!b.empty() && before->set.columns[b.begin] <=
                                                               after->set.columns[a.begin]);
        const bool new_first = b.empty() || (!a.empty() && after->set.columns[a.begin] <=
                                                               before->set.columns[b.begin]);
        double change = 0.0;
        if (old_first) change += static_cast<double>(before->correction[b.begin++]);
        if (new_first) change -= static_cast<double>(after->correction[a.begin++]);
        sum += std::abs(change);
    }
    return sum;
}

// An upper bound of each row's L1 change: [n].
std::vector<double> bounds(const Factors& before, const Factors& after) {
    const Matched matched = match(before, after);
    const std::size_t n = before.tokens();
    const std::vector<double> moved = parallel_sum(
        n, matched.both.size(), [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t j = begin; j < end; ++j)
                for (std::size_t m = 0; m < out.size(); ++m)
                    out[m] += std::abs(static_cast<double>(before.k(j, matched.both[m].first)) -
                                       static_cast<double>(after.k(j, matched.both[m].second)));
        });
    std::vector<double> bound(n);
    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            double sum = moved_pairs(before.near.get(), after.near.get(), i);
            for (std::size_t m = 0; m < moved.size(); ++m) {
                const auto p = static_cast<double>(before.p(i, matched.both[m].first));
                const auto q = static_cast<double>(after.p(i, matched.both[m].second));
                const double keys = before.causal
                                        ? moved_in_past(before, matched.both[m].first, i, moved[m])
                                        : moved[m];
                sum += std::abs(p - q) + std::min(p, q) * keys;
            }
            for (const std::size_t c : matched.only_before)
                sum += static_cast<double>(before.p(i, c));
            for (const std::size_t c : matched.only_after)
                sum += static_cast<double>(after.p(i, c));
            bound[i] = sum;
        }
    });
    return bound;
}

bool changed_more(const ChangedRow& a, const ChangedRow& b) {
    return a.l1 != b.l1 ? a.l1 > b.l1 : a.row < b.row;
}

}  // namespace

ChangedRows changed_rows(const Factors& before, const Factors& after, std::size_t count,
                         const Work& work) {
    const std::size_t n = before.tokens();
    if (after.tokens() != n)
        fail("Rows of {} tokens cannot be compared with rows of {}.", n, after.tokens());
    ChangedRows changed;
    if (n == 0 || count == 0) return changed;
    const std::vector<double> bound = bounds(before, after);
    std::vector<std::uint32_t> order(n);
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return bound[a] != bound[b] ? bound[a] > bound[b] : a < b;
    });
    const std::size_t most = std::min(n, std::max(kFewestRows, kMostCells / n));
    by_stretch(
        std::span(order).first(most), [&](std::size_t first, std::span<const std::uint32_t> some) {
            const double weakest = changed.rows.size() < count ? 0.0 : changed.rows.back().l1;
            if (bound[some.front()] + kSlack < weakest || bound[some.front()] <= 0.0) return;
            work.check();
            Matrix<float> old_rows(some.size(), n);
            Matrix<float> new_rows(some.size(), n);
            attention_rows(before, some, {}, old_rows.view());
            attention_rows(after, some, {}, new_rows.view());
            std::vector<ChangedRow> found(some.size());
            parallel_for(some.size(), [&](std::size_t r) {
                double l1 = 0.0;
                for (std::size_t j = 0; j < n; ++j)
                    l1 += std::abs(static_cast<double>(new_rows(r, j)) -
                                   static_cast<double>(old_rows(r, j)));
                found[r] = {some[r], l1};
            });
            for (const ChangedRow& row : found)
                if (row.l1 > 0.0) changed.rows.push_back(row);
            std::sort(changed.rows.begin(), changed.rows.end(), changed_more);
            if (changed.rows.size() > count) changed.rows.resize(count);
            if (first + some.size() == most && most < n) {
                const double kept = changed.rows.size() < count ? 0.0 : changed.rows.back().l1;
                const double next = bound[order[most]];
                changed.exact = next <= 0.0 || next + kSlack < kept;
            }
        });
    return changed;
}

}  // namespace hsa
