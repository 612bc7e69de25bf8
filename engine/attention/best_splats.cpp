#include "engine/attention/best_splats.h"

#include "engine/core/parallel.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

namespace hsa {
namespace {

// The row of every splat's parent; the number of splats where there is none.
std::vector<std::size_t> parent_rows(const SplatRegistry& registry) {
    std::vector<std::size_t> rows(registry.size(), registry.size());
    for (std::size_t s = 0; s < rows.size(); ++s)
        if (registry.parent[s] != kNoSplat) rows[s] = registry.row(registry.parent[s]);
    return rows;
}

struct Scratch {
    std::vector<std::size_t> order;
    std::vector<char> kept;
};

// Returns the mass that left its splat.
double keep_best_of_row(std::span<const std::size_t> parent, std::size_t m, bool has_background,
                        std::span<float> row, Scratch& scratch) {
    const std::size_t k = parent.size();
    scratch.order.resize(k);
    scratch.kept.assign(k, 0);
    std::iota(scratch.order.begin(), scratch.order.end(), std::size_t{0});
    std::nth_element(scratch.order.begin(),
                     scratch.order.begin() + static_cast<std::ptrdiff_t>(m - 1),
                     scratch.order.end(), [&row](std::size_t a, std::size_t b) {
                         return row[a] != row[b] ? row[a] > row[b] : a < b;
                     });
    for (std::size_t r = 0; r < m; ++r) scratch.kept[scratch.order[r]] = 1;
    double dropped = 0.0;
    double lost = 0.0;
    for (std::size_t s = 0; s < k; ++s) {
        if (scratch.kept[s] != 0 || row[s] <= 0.0F) continue;
        dropped += static_cast<double>(row[s]);
        std::size_t up = parent[s];
        while (up < k && scratch.kept[up] == 0) up = parent[up];
        if (up < k) row[up] += row[s];
        else if (has_background) row[k] += row[s];
        else lost += static_cast<double>(row[s]);
        row[s] = 0.0F;
    }
    if (lost > 0.0) {
        const auto share = static_cast<float>(1.0 / (1.0 - lost));
        for (float& p : row) p *= share;
    }
    return dropped;
}

}  // namespace

void keep_best_splats(const SplatRegistry& registry, std::size_t m, Factors& factors) {
    if (m == 0 || m >= registry.size()) return;
    const std::vector<std::size_t> parent = parent_rows(registry);
    const std::size_t n = factors.tokens();
    std::vector<double> dropped((n + kChunkRows - 1) / kChunkRows, 0.0);
    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        Scratch scratch;
        double& most = dropped[begin / kChunkRows];
        for (std::size_t i = begin; i < end; ++i)
            most = std::max(most, keep_best_of_row(parent, m, factors.has_background(),
                                                   factors.p.row(i), scratch));
    });
    for (const double most : dropped) factors.row_bound = std::max(factors.row_bound, 2.0 * most);
}

}  // namespace hsa
