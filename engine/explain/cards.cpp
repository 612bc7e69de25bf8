#include "engine/explain/cards.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hsa {
namespace {

constexpr std::size_t kListed = 20;
constexpr std::size_t kAgreementRows = 256;
constexpr double kPartShare = 0.8;

std::vector<std::uint32_t> largest(std::span<const float> values, std::size_t count) {
    std::vector<std::uint32_t> order(values.size());
    std::iota(order.begin(), order.end(), 0U);
    count = std::min(count, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                      [&](std::uint32_t a, std::uint32_t b) {
                          return values[a] != values[b] ? values[a] > values[b] : a < b;
                      });
    order.resize(count);
    return order;
}

// The splat with the largest part of A_ij.
SplatId main_splat(const Factors& factors, std::size_t i, std::size_t j) {
    const float* p = factors.p.row(i).data();
    const float* k = factors.k.row(j).data();
    std::size_t best = 0;
    for (std::size_t s = 1; s < factors.columns(); ++s)
        if (p[s] * k[s] > p[best] * k[best]) best = s;
    return factors.ids[best];
}

std::size_t column_of(const Factors& factors, SplatId splat) {
    const auto place = std::lower_bound(factors.ids.begin(), factors.ids.end(), splat);
    if (place == factors.ids.end() || *place != splat) fail("There is no splat {} at this cycle.", splat);
    return static_cast<std::size_t>(place - factors.ids.begin());
}

// sum_j K(j|child) P(parent|j) / sum over the parent's level.
double share_of_parent(const Factors& factors, std::size_t child, std::size_t parent) {
    const std::uint16_t level = factors.level[parent];
    const std::vector<double> sums =
        parallel_sum(factors.tokens(), 1, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t j = begin; j < end; ++j) {
                double all = 0.0;
                for (std::size_t s = 0; s < factors.columns(); ++s)
                    if (factors.level[s] == level) all += static_cast<double>(factors.p(j, s));
                if (all > 0.0)
                    out[0] += static_cast<double>(factors.k(j, child)) *
                              static_cast<double>(factors.p(j, parent)) / all;
            }
        });
    return sums[0];
}

}  // namespace

TokenCard token_card(const Factors& factors, std::size_t token) {
    if (token >= factors.tokens())
        fail("There is no token {}: the data have {}, counted from 0.", token, factors.tokens());
    TokenCard card;
    card.token = static_cast<std::uint32_t>(token);
    const auto p = factors.p.row(token);
    for (const std::uint32_t c : largest(p, kListed))
        card.splats.push_back({factors.ids[c], factors.level[c], p[c]});
    const Range self{token, token + 1};
    const std::vector<float> row = mean_row(factors, std::span(&self, 1));
    for (const std::uint32_t j : largest(row, kListed))
        card.to.push_back({j, row[j], main_splat(factors, token, j)});
    const std::vector<float> column = attention_column(factors, token);
    for (const std::uint32_t i : largest(column, kListed))
        card.from.push_back({i, column[i], main_splat(factors, i, token)});
    return card;
}

SplatCard splat_card(const Factors& factors, const SplatRegistry& registry, const Measures& measures,
                     const History& history, std::int32_t cycle, SplatId splat) {
    const std::size_t row = registry.row(splat);
    const std::size_t column = column_of(factors, splat);
    SplatCard card;
    card.splat = splat;
    card.level = registry.level[row];
    card.parent = registry.parent[row];
    card.usage = measures.usage[row];
    card.information = measures.information[row];
    if (card.parent != kNoSplat)
        card.parent_share = share_of_parent(factors, column, column_of(factors, card.parent));
    std::vector<float> k(factors.tokens());
    for (std::size_t j = 0; j < k.size(); ++j) k[j] = factors.k(j, column);
    for (const std::uint32_t j : largest(k, kListed)) card.top.push_back({j, k[j], splat});
    for (const float v : registry.gaussians.variance.row(row))
        card.spectrum.push_back(std::sqrt(static_cast<double>(v) / static_cast<double>(registry.beta[row])));
    std::sort(card.spectrum.rbegin(), card.spectrum.rend());
    std::size_t index = 0;
    for (std::int32_t c = 0; c <= std::min(cycle, history.last()); ++c)
        for (const Event& event : history.cycles[static_cast<std::size_t>(c)]->events) {
            const auto names = [&](const std::vector<SplatId>& ids) {
                return std::find(ids.begin(), ids.end(), splat) != ids.end();
            };
            if (event.kind != EventKind::adjust && event.kind != EventKind::initialise &&
                (names(event.before) || names(event.after)))
                card.events.push_back(index);
            ++index;
        }
    return card;
}

LevelCard level_card(const Factors& factors, const SplatRegistry& registry, const Measures& measures,
                     std::size_t level) {
    LevelCard card;
    card.name = registry.hierarchy.levels[level].name;
    card.splats = registry.count(level);
    card.weight = registry.hierarchy.share(level);
    card.usage = measures.levels[level].usage;
    const std::size_t n = factors.tokens();
    const std::size_t rows = std::min(n, kAgreementRows);
    const std::vector<double> agreement =
        parallel_sum(rows, 1, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            std::vector<double> own(factors.columns());
            for (std::size_t r = begin; r < end; ++r) {
                const std::size_t i = (2 * r + 1) * n / (2 * rows);
                double mass = 0.0;
                for (std::size_t s = 0; s < own.size(); ++s) {
                    own[s] = factors.level[s] == level ? static_cast<double>(factors.p(i, s)) : 0.0;
                    mass += own[s];
                }
                if (!(mass > 0.0)) continue;
                for (std::size_t j = 0; j < n; ++j) {
                    double all = 0.0;
                    double alone = 0.0;
                    for (std::size_t s = 0; s < own.size(); ++s) {
                        const auto k = static_cast<double>(factors.k(j, s));
                        all += static_cast<double>(factors.p(i, s)) * k;
                        alone += own[s] * k;
                    }
                    out[0] += std::min(all, alone / mass);
                }
            }
        });
    card.agreement = agreement[0] / static_cast<double>(std::max<std::size_t>(rows, 1));
    return card;
}

std::vector<Pair> strongest_pairs(const Factors& factors, std::size_t count) {
    const std::size_t n = factors.tokens();
    count = std::min(count, n * n);
    // A row's largest cell is at most sum_s P(s|i) max_j K(j|s): rows are visited by falling bound until no
    // bound can beat the weakest pair that is kept.
    std::vector<float> key_most(factors.columns(), 0.0F);
    for (std::size_t j = 0; j < n; ++j)
        for (std::size_t s = 0; s < key_most.size(); ++s) key_most[s] = std::max(key_most[s], factors.k(j, s));
    std::vector<float> bound(n);
    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            double sum = 0.0;
            for (std::size_t s = 0; s < key_most.size(); ++s)
                sum += static_cast<double>(factors.p(i, s)) * static_cast<double>(key_most[s]);
            bound[i] = static_cast<float>(sum * (1.0 + 1e-6));
        }
    });
    const std::vector<std::uint32_t> order = largest(bound, n);
    const auto stronger = [](const Pair& a, const Pair& b) {
        if (a.value != b.value) return a.value > b.value;
        return a.i != b.i ? a.i < b.i : a.j < b.j;
    };
    std::vector<Pair> kept;  // a heap with the weakest on top
    constexpr std::size_t kRowsAtOnce = 32;
    for (std::size_t first = 0; first < n; first += kRowsAtOnce) {
        if (kept.size() == count && static_cast<double>(bound[order[first]]) < kept.front().value) break;
        const std::size_t rows = std::min(kRowsAtOnce, n - first);
        Matrix<float> a(rows, n);
        attention_rows(factors, std::span(order).subspan(first, rows), {}, a.view());
        for (std::size_t r = 0; r < rows; ++r)
            for (std::uint32_t j = 0; j < n; ++j) {
                Pair pair;
                pair.i = order[first + r];
                pair.j = j;
                pair.value = static_cast<double>(a(r, j));
                if (kept.size() == count && !stronger(pair, kept.front())) continue;
                kept.push_back(std::move(pair));
                std::push_heap(kept.begin(), kept.end(), stronger);
                if (kept.size() > count) {
                    std::pop_heap(kept.begin(), kept.end(), stronger);
                    kept.pop_back();
                }
            }
    }
    std::sort(kept.begin(), kept.end(), stronger);
    for (Pair& pair : kept) {
        const CellParts cell = cell_parts(factors, pair.i, pair.j);
        pair.value = cell.value;
        double sum = 0.0;
        for (const Part& part : cell.parts) {
            if (sum >= kPartShare * cell.value) break;
            sum += part.value;
            pair.splats.push_back(part.splat);
        }
    }
    return kept;
}

}  // namespace hsa
