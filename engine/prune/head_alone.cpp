#include "engine/prune/head_alone.h"

#include "engine/attention/factors.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace hsa {

Factors splats_alone(const HeadContext& context, const SplatRegistry& registry,
                     std::span<const Splat> splats, std::span<const std::uint32_t> rows) {
    SplatRegistry alone = registry;
    for (const SplatId id : registry.id) alone.drop(id);
    alone.background_log_weight.reset();
    for (const Splat& splat : splats) (void)alone.add(splat);
    return compute_factors_of_queries(context.backend, alone, context.head.coordinates, rows, {},
                                      context.work);
}

std::vector<std::uint32_t> strongest_tokens(std::span<const double> mass) {
    std::vector<std::uint32_t> order(mass.size());
    std::iota(order.begin(), order.end(), 0U);
    const std::size_t kept = std::min(kTokensTold, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                      [&](std::uint32_t x, std::uint32_t y) {
                          return mass[x] != mass[y] ? mass[x] > mass[y] : x < y;
                      });
    order.resize(kept);
    return order;
}

std::vector<std::uint32_t> strongest_keys(const HeadContext& context, const SplatRegistry& registry,
                                          const Splat& splat) {
    const std::vector<std::uint32_t> any = {0};  // K does not depend on the rows that ask
    const Factors alone = splats_alone(context, registry, std::span<const Splat>(&splat, 1), any);
    const Matrix<float>& keys = alone.k.values();
    std::vector<double> mass(keys.rows());
    for (std::size_t j = 0; j < mass.size(); ++j) mass[j] = static_cast<double>(keys(j, 0));
    return strongest_tokens(mass);
}

double weight_shift(const HeadContext& context, const HeadPool& pool, const SplatRegistry& registry,
                    std::span<const SplatId> before, std::span<const Splat> after) {
    std::vector<Splat> gone;
    for (const SplatId id : before) gone.push_back(registry.splat(registry.row(id)));
    const std::span<const std::uint32_t> rows = pool.exact.rows;
    const Factors had = splats_alone(context, registry, gone, rows);
    const Factors has = splats_alone(context, registry, after, rows);
    double sum = 0.0;
    double weight = 0.0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        double share = 0.0;
        for (const SplatId id : before)
            share += static_cast<double>(pool.level.queries.p(i, place_of(pool.level, id)));
        const double change =
            static_cast<double>(had.log_normaliser[i]) - static_cast<double>(has.log_normaliser[i]);
        if (!(share > 0.0) || !std::isfinite(change)) continue;
        sum += share * change;
        weight += share;
    }
    return weight > 0.0 ? sum / weight : 0.0;
}

}  // namespace hsa
