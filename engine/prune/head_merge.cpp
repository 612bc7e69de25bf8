#include "engine/prune/head_merge.h"

#include "engine/adapt/merge.h"
#include "engine/prune/head_alone.h"

#include <utility>

namespace hsa {
namespace {

// Both log kernels' mean, weighted: -(q - c)^T L (q - c) / 2 with L and L c the means, L = beta /
// variance; for a splat of this beta.
QueryGaussian mean_kernel(const Splat& one, const Splat& other, double share, double beta) {
    const QueryGaussian& a = *one.query;
    const QueryGaussian& b = *other.query;
    QueryGaussian made = a;
    if (b.kind != CovarianceKind::spherical) made.kind = b.kind;
    for (std::size_t x = 0; x < a.centre.size(); ++x) {
        const double of_a =
            share * static_cast<double>(one.beta) / static_cast<double>(a.variance[x]);
        const double of_b =
            (1.0 - share) * static_cast<double>(other.beta) / static_cast<double>(b.variance[x]);
        made.variance[x] = static_cast<float>(beta / (of_a + of_b));
        made.centre[x] = static_cast<float>(
            (of_a * static_cast<double>(a.centre[x]) + of_b * static_cast<double>(b.centre[x])) /
            (of_a + of_b));
    }
    return made;
}

}  // namespace

Splat joined_of_head(const HeadContext& context, const HeadPool& pool,
                     const SplatRegistry& registry, const std::array<SplatId, 2>& pair) {
    const Splat a = registry.splat(registry.row(pair[0]));
    const Splat b = registry.splat(registry.row(pair[1]));
    const double usage_a = pool.level.usage[place_of(pool.level, a.id)];
    const double usage_b = pool.level.usage[place_of(pool.level, b.id)];
    Splat one = joined(a, b, usage_a, usage_b);
    if (a.query && b.query)
        one.query = mean_kernel(a, b, usage_a + usage_b > 0.0 ? usage_a / (usage_a + usage_b) : 0.5,
                                static_cast<double>(one.beta));
    one.log_amplitude += static_cast<float>(
        weight_shift(context, pool, registry, pair, std::span<const Splat>(&one, 1)));
    return one;
}

std::optional<Proposal> propose_head_merge(const HeadContext& context, const HeadPool& pool,
                                           const Eligibility& eligible) {
    std::optional<Proposal> proposal = cheapest_pair(pool.level, eligible, context.lambda);
    if (!proposal) return proposal;
    proposal->after = {joined_of_head(context, pool, eligible.registry,
                                      {proposal->before[0], proposal->before[1]})};
    return proposal;
}

}  // namespace hsa
