#include "engine/explain/grow.h"

#include "engine/attention/cells.h"
#include "engine/core/largest.h"
#include "engine/core/parallel.h"
#include "engine/core/sort_unique.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace hsa {
namespace {

// Places of the largest values above 0, but for those marked as taken.
std::vector<std::uint32_t> best_of(std::vector<float> values, const std::vector<char>& taken,
                                   std::size_t count) {
    for (std::size_t v = 0; v < values.size(); ++v)
        if (taken[v] != 0 || !(values[v] > 0.0F)) values[v] = 0.0F;
    std::vector<std::uint32_t> best = largest(values, count);
    std::erase_if(best, [&](std::uint32_t place) { return values[place] == 0.0F; });
    return best;
}

}  // namespace

std::vector<SplatId> with_descendants(const SplatRegistry& registry,
                                      std::span<const SplatId> roots) {
    std::vector<char> in(registry.size());
    for (const SplatId root : roots)
        if (const auto row = registry.find(root)) in[*row] = 1;
    // A parent stands one level up: from the coarsest down every parent is known before its
    // children.
    for (std::size_t level = registry.hierarchy.size(); level-- > 0;)
        for (const std::size_t row : registry.rows_of_level(level)) {
            if (in[row] != 0 || registry.parent[row] == kNoSplat) continue;
            if (const auto parent = registry.find(registry.parent[row])) in[row] = in[*parent];
        }
    std::vector<SplatId> all;
    for (std::size_t row = 0; row < in.size(); ++row)
        if (in[row] != 0) all.push_back(registry.id[row]);
    return all;
}

std::vector<std::uint32_t> neighbour_tokens(const Factors& factors, std::span<const Range> picked,
                                            std::size_t count) {
    std::vector<char> taken(factors.tokens());
    for (const Range& range : picked)
        for (std::size_t i = range.begin; i < range.end; ++i) taken[i] = 1;
    std::vector<std::uint32_t> all = best_of(mean_row(factors, picked), taken, count);
    const std::vector<std::uint32_t> from = best_of(mean_column(factors, picked), taken, count);
    all.insert(all.end(), from.begin(), from.end());
    sort_unique(all);
    return all;
}

std::vector<SplatId> neighbour_splats(const Factors& factors, std::span<const SplatId> picked,
                                      std::size_t count) {
    const std::size_t columns = factors.columns();
    std::map<std::uint16_t, std::vector<std::size_t>> picked_of;  // columns, by level
    std::vector<char> taken(columns, 1);
    for (const SplatId id : picked) {
        const auto place = std::find(factors.ids.begin(), factors.ids.end(), id);
        if (place == factors.ids.end() || id == kNoSplat) continue;
        const auto column = static_cast<std::size_t>(place - factors.ids.begin());
        picked_of[factors.level[column]].push_back(column);
    }
    std::vector<SplatId> all;
    for (const auto& of_level : picked_of) {
        const std::vector<std::size_t>& some = of_level.second;
        for (std::size_t t = 0; t < columns; ++t)
            taken[t] = factors.level[t] == of_level.first ? 0 : 1;
        for (const std::size_t s : some) taken[s] = 1;
        const std::vector<double> overlap =
            parallel_sum(factors.tokens(), columns,
                         [&](std::size_t begin, std::size_t end, std::span<double> out) {
                             for (std::size_t j = begin; j < end; ++j) {
                                 const FactorRow k = factors.k.row(j);
                                 double q = 0.0;
                                 for (const std::size_t s : some) q += static_cast<double>(k[s]);
                                 q /= static_cast<double>(some.size());
                                 for (std::size_t t = 0; t < columns; ++t)
                                     if (taken[t] == 0)
                                         out[t] += std::sqrt(q * static_cast<double>(k[t]));
                             }
                         });
        for (const std::uint32_t t :
             best_of(std::vector<float>(overlap.begin(), overlap.end()), taken, count))
            all.push_back(factors.ids[t]);
    }
    sort_unique(all);
    return all;
}

}  // namespace hsa
