#include "engine/explain/asked_parts.h"

#include "engine/attention/sums.h"
#include "engine/core/parallel.h"

#include <algorithm>

namespace hsa {
namespace {

Range common(Range a, Range b) { return {std::max(a.begin, b.begin), std::min(a.end, b.end)}; }

// The sums of stretches that follow one another; a causal token takes those on its own side.
struct Stretches {
    std::vector<std::size_t> edges;         // [stretches + 1], rising
    std::vector<std::vector<double>> sums;  // [stretches][c]

    Stretches(const FactorMatrix& factor, std::span<const Range> asked,
              std::vector<std::size_t> borders)
        : edges(std::move(borders)) {
        std::sort(edges.begin(), edges.end());
        edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
        for (std::size_t e = 0; e + 1 < edges.size(); ++e)
            sums.push_back(sum_of_tokens(factor, asked, {edges[e], edges[e + 1]}));
    }

    // Of the stretches between two edges.
    [[nodiscard]] std::vector<double> between(std::size_t begin, std::size_t end,
                                              std::size_t columns) const {
        std::vector<double> sum(columns, 0.0);
        for (std::size_t e = 0; e < sums.size(); ++e)
            if (edges[e] >= begin && edges[e + 1] <= end)
                for (std::size_t s = 0; s < columns; ++s) sum[s] += sums[e][s];
        return sum;
    }
};

// What the splats give a listed token, column by column of the factors, and what exact pairs give.
struct Given {
    std::vector<double> far;  // [c]
    double exact = 0.0;
};

// A pair that keeps its exact score: it counts for itself, and the splats say nothing of it where
// it replaces them.
void count_pair(const Factors& factors, std::size_t row, std::size_t pair, Given& given) {
    const NearPairs& near = *factors.near;
    given.exact += static_cast<double>(near.exact[pair]);
    if (!near.replaces) return;
    const FactorRow p = factors.row_weights().row(row);
    const FactorRow k = factors.keys_of_row(row).row(near.set.columns[pair]);
    for (std::size_t s = 0; s < given.far.size(); ++s)
        given.far[s] -= static_cast<double>(p[s]) * static_cast<double>(k[s]);
}

std::vector<SplatPart> sorted(const Factors& factors, const Given& given) {
    std::vector<SplatPart> parts;
    for (std::size_t s = 0; s < given.far.size(); ++s)
        if (given.far[s] > 0.0)  // what is left of a difference may be a last digit below zero
            parts.push_back({factors.ids[s], factors.level[s], given.far[s]});
    if (given.exact > 0.0) parts.push_back({kExactPairs, kExactLevel, given.exact});
    std::stable_sort(parts.begin(), parts.end(),
                     [](const SplatPart& a, const SplatPart& b) { return a.value > b.value; });
    return parts;
}

}  // namespace

std::vector<double> sum_of_tokens(const FactorMatrix& factor, std::span<const Range> tokens,
                                  Range within) {
    std::vector<double> sum(factor.cols(), 0.0);
    for (const Range& range : tokens) {
        const Range some = common(range, within);
        if (some.empty()) continue;
        if (some.size() <= kChunkRows) {
            add_rows(factor, some.begin, some.end, sum);
            continue;
        }
        const std::vector<double> chunks =
            parallel_sum(some.size(), sum.size(),
                         [&](std::size_t begin, std::size_t end, std::span<double> out) {
                             add_rows(factor, some.begin + begin, some.begin + end, out);
                         });
        for (std::size_t s = 0; s < sum.size(); ++s) sum[s] += chunks[s];
    }
    return sum;
}

std::vector<std::vector<SplatPart>> parts_of_columns(const Factors& factors,
                                                     std::span<const Range> asked,
                                                     std::span<const std::uint32_t> listed) {
    const std::size_t columns = factors.columns();
    const std::vector<CausalSegment> segments = factors.segments();
    std::vector<std::size_t> edges = {0, factors.tokens()};
    for (const CausalSegment& segment : segments) edges.push_back(segment.rows.begin);
    if (factors.causal) edges.insert(edges.end(), listed.begin(), listed.end());
    const Stretches rows(factors.row_weights(), asked, std::move(edges));
    std::vector<std::vector<SplatPart>> parts(listed.size());
    parallel_for(listed.size(), [&](std::size_t t) {
        const std::size_t j = listed[t];
        Given given{std::vector<double>(columns, 0.0)};
        for (const CausalSegment& segment : segments) {
            const std::size_t first =
                factors.causal ? std::max(segment.rows.begin, j) : segment.rows.begin;
            if (first >= segment.rows.end) continue;
            const std::vector<double> weight = rows.between(first, segment.rows.end, columns);
            const FactorRow k = factors.keys_of(segment).row(j);
            for (std::size_t s = 0; s < columns; ++s)
                given.far[s] += weight[s] * static_cast<double>(k[s]);
        }
        if (factors.near)
            for (const Range& range : asked)
                for (std::size_t i = range.begin; i < range.end; ++i)
                    if (const std::size_t pair = factors.near->set.find(i, j);
                        pair < factors.near->set.pairs())
                        count_pair(factors, i, pair, given);
        parts[t] = sorted(factors, given);
    });
    return parts;
}

std::vector<std::vector<SplatPart>> parts_of_rows(const Factors& factors,
                                                  std::span<const Range> asked,
                                                  std::span<const std::uint32_t> listed) {
    const std::size_t columns = factors.columns();
    std::vector<std::vector<SplatPart>> parts(listed.size());
    for (const CausalSegment& segment : factors.segments()) {
        std::vector<std::size_t> edges = {0, segment.rows.end};
        std::vector<std::size_t> places;  // in `listed`
        for (std::size_t t = 0; t < listed.size(); ++t)
            if (segment.rows.contains(listed[t])) {
                places.push_back(t);
                if (factors.causal) edges.push_back(listed[t] + std::size_t{1});
            }
        if (places.empty()) continue;
        const Stretches keys(factors.keys_of(segment), asked, std::move(edges));
        parallel_for(places.size(), [&](std::size_t place) {
            const std::size_t i = listed[places[place]];
            Given given{std::vector<double>(columns, 0.0)};
            const std::vector<double> key =
                keys.between(0, factors.causal ? i + 1 : segment.rows.end, columns);
            const FactorRow weight = factors.row_weights().row(i);
            for (std::size_t s = 0; s < columns; ++s)
                given.far[s] = static_cast<double>(weight[s]) * key[s];
            if (factors.near)
                for (const Range& range : asked) {
                    const Range pairs = factors.near->set.pairs_of(i, range);
                    for (std::size_t pair = pairs.begin; pair < pairs.end; ++pair)
                        count_pair(factors, i, pair, given);
                }
            parts[places[place]] = sorted(factors, given);
        });
    }
    return parts;
}

}  // namespace hsa
