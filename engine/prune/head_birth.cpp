#include "engine/prune/head_birth.h"

#include "engine/adapt/birth.h"
#include "engine/adapt/residual.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/median.h"
#include "engine/core/parallel.h"
#include "engine/prune/head_alone.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace hsa {
namespace {

// max(T - A, 0) of some rows outside the near set: [places, n].
Matrix<float> missing_attention(const HeadContext& context, const HeadPool& pool,
                                std::span<const std::size_t> places) {
    const std::size_t n = context.head.tokens();
    Matrix<float> missing(places.size(), n);
    parallel_for(places.size(), [&](std::size_t r) {
        const std::span<const float> t = pool.exact.target.row(places[r]);
        const std::span<const float> a = pool.attention.row(places[r]);
        for (std::size_t j = 0; j < n; ++j) missing(r, j) = std::max(0.0F, t[j] - a[j]);
        pool.clear_exact(context, places[r], 0, missing.row(r));
    });
    return missing;
}

// The mean of some rows of x, row r with weight[r]: [d].
std::vector<double> mean_row(const Matrix<float>& x, std::span<const double> weight,
                             std::span<const std::uint32_t> rows = {}) {
    const std::size_t d = x.cols();
    return parallel_sum(
        weight.size(), d, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t r = begin; r < end; ++r)
                for (std::size_t a = 0; a < d; ++a)
                    out[a] += weight[r] * static_cast<double>(x(rows.empty() ? r : rows[r], a));
        });
}

void set_centre(std::span<const double> centre, std::vector<float>& into) {
    std::transform(centre.begin(), centre.end(), into.begin(),
                   [](double c) { return static_cast<float>(c); });
}

QueryGaussian median_query(const GaussianColumns& gaussians) {
    QueryGaussian made;
    const std::size_t d = gaussians.centre.cols();
    made.kind = gaussians.kind.front();
    made.centre.resize(d);
    std::vector<float> values(gaussians.kind.size());
    for (std::size_t a = 0; a < d; ++a) {
        for (std::size_t s = 0; s < values.size(); ++s) values[s] = gaussians.variance(s, a);
        made.variance.push_back(median(values));
    }
    return made;
}

}  // namespace

Splat splat_between(const HeadContext& context, const SplatRegistry& registry,
                    std::span<const double> keys, std::span<const std::uint32_t> tokens,
                    std::span<const double> queries, double keys_share) {
    std::vector<double> key = mean_row(rows_of_side(context.head.coordinates, 0, Side::key), keys);
    const std::vector<double> query = mean_row(queries_of(context.head), queries, tokens);
    Splat made = median_splat(registry, 0);
    made.log_amplitude = 0.0F;
    if (registry.query_gaussians) {
        made.query = median_query(*registry.query_gaussians);
        set_centre(query, made.query->centre);
    } else {
        for (std::size_t a = 0; a < key.size(); ++a)
            key[a] = keys_share * key[a] + (1.0 - keys_share) * query[a];
    }
    set_centre(key, made.centre);
    return made;
}

std::optional<Proposal> propose_head_birth(const HeadContext& context, const HeadPool& pool,
                                           const Eligibility& eligible) {
    const LevelPool& level = pool.level;
    const std::optional<std::size_t> place = draw_residual_row(context.seed, level, eligible);
    if (!place) return std::nullopt;
    const std::vector<std::size_t> places = residual_places(pool.exact.rows.size(), *place);
    const auto start =
        static_cast<std::size_t>(std::find(places.begin(), places.end(), *place) - places.begin());
    const Residual residual = power_steps(missing_attention(context, pool, places), start);
    std::vector<std::uint32_t> tokens;
    tokens.reserve(places.size());
    for (const std::size_t p : places) tokens.push_back(pool.exact.rows[p]);
    const SplatRegistry& registry = eligible.registry;
    Splat made = splat_between(context, registry, residual.columns, tokens, residual.rows, 0.5);
    const Factors alone =
        splats_alone(context, registry, std::span<const Splat>(&made, 1), pool.exact.rows);
    const std::vector<double>& rest = level.queries.log_normaliser;
    Proposal proposal;
    proposal.kind = EventKind::birth;
    proposal.log_weight_choices = weights_to_try(alone.log_normaliser, rest, level.splats.size());
    made.log_amplitude = proposal.log_weight_choices.front();
    proposal.pull = shares_taken(alone.log_normaliser, rest, made.log_amplitude);
    proposal.after = {std::move(made)};
    proposal.reasons = {{"row_kl", level.row_kl[*place], mean(level.row_kl)}};
    proposal.key = proposal_key(EventKind::birth, {level.splats.id[owner_of(level, *place)]});
    return proposal;
}

}  // namespace hsa
