#include "engine/adapt/birth.h"

#include "engine/adapt/past.h"
#include "engine/adapt/residual.h"
#include "engine/core/median.h"
#include "engine/core/parallel.h"

#include <algorithm>
#include <cmath>

namespace hsa {

Splat median_splat(const SplatRegistry& registry, std::size_t level) {
    const std::vector<std::size_t> rows = registry.rows_of_level(level);
    Splat made = registry.splat(rows.front());
    std::vector<float> values;
    std::vector<std::vector<float>> variances;
    variances.reserve(rows.size());
    for (const std::size_t row : rows)
        variances.push_back(marginal_variances(registry.gaussians.covariance(row)));
    for (std::size_t a = 0; a < registry.dimension; ++a) {
        values.clear();
        for (const std::vector<float>& own : variances) values.push_back(own[a]);
        made.variance[a] = median(values);
    }
    made.shape = from_variances(made.variance, made.kind).shape;
    values.clear();
    for (const std::size_t row : rows) values.push_back(registry.beta[row]);
    made.beta = median(values);
    values.clear();
    for (const std::size_t row : rows) values.push_back(registry.log_amplitude[row]);
    made.log_amplitude = median(values);
    made.id = kNoSplat;
    made.level = static_cast<std::uint16_t>(level);
    made.parent = kNoSplat;
    made.age = 0;
    made.usage = UsageHistory{};
    return made;
}

std::optional<Proposal> propose_birth(const CycleContext& context, const Pool& pool,
                                      const LevelPool& level, const Eligibility& eligible) {
    const std::optional<std::size_t> place = draw_residual_row(context.seed, level, eligible);
    if (!place) return std::nullopt;
    const std::vector<std::size_t> places = residual_places(pool.rows.size(), *place);
    Matrix<float> missing = pool_attention(level, places);
    parallel_for(places.size(), [&](std::size_t r) {
        const float* t = pool.target.row(places[r]).data();
        for (std::size_t j = 0; j < missing.cols(); ++j)
            missing(r, j) = std::max(0.0F, t[j] - missing(r, j));
    });
    const Residual residual = power_steps(
        missing,
        static_cast<std::size_t>(std::find(places.begin(), places.end(), *place) - places.begin()));

    const std::size_t d = level.splats.centre.cols();
    const MatrixView<const float> x = context.columns.x[level.splats.level];
    std::vector<double> centre =
        parallel_sum(x.rows, d, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t j = begin; j < end; ++j)
                for (std::size_t a = 0; a < d; ++a)
                    out[a] += residual.columns[j] * static_cast<double>(x(j, a));
        });
    std::vector<std::uint32_t> tokens;
    tokens.reserve(places.size());
    for (const std::size_t p : places) tokens.push_back(pool.rows[p]);
    const Matrix<float> x_places = context.coordinates(level.splats.level, tokens);
    for (std::size_t a = 0; a < d; ++a) {
        double rows = 0.0;
        for (std::size_t r = 0; r < places.size(); ++r)
            rows += residual.rows[r] * static_cast<double>(x_places(r, a));
        centre[a] = 0.5 * (centre[a] + rows);
    }
    Splat made = median_splat(eligible.registry, level.splats.level);
    std::transform(centre.begin(), centre.end(), made.centre.begin(),
                   [](double c) { return static_cast<float>(c); });

    // Its logit without the weight at the pool's rows, and the weight that gives each share.
    const LevelSplats column = level_splats(std::span<const Splat>(&made, 1));
    const auto bound = bind(context.backend, column, context.input.temperature);
    const std::vector<double> log_mass = context.backend.log_mass(*bound, x, {}, context.work);
    const Matrix<float> x_pool = context.coordinates(level.splats.level, pool.rows);
    Matrix<float> logit(pool.rows.size(), 1);
    context.backend.log_kernel(*bound, x_pool.view(), logit.view());
    for (std::size_t i = 0; i < logit.rows(); ++i)
        logit(i, 0) += static_cast<float>(log_mass[0] + context.columns.log_weight);
    if (const std::vector<std::size_t> seen = context.seen(pool.rows); !seen.empty()) {
        // c_s of the tokens that each row sees.
        const Matrix<double> reached = reached_keys(
            level_keys(context.backend, *bound, x, context.columns.log_weight).k.view(), seen);
        for (std::size_t i = 0; i < logit.rows(); ++i)
            logit(i, 0) += static_cast<float>(std::log(reached(i, 0)));
    }
    const std::span<const float> logits(logit.data(), logit.size());
    Proposal proposal;
    const std::vector<double>& rest = level.queries.log_normaliser;
    proposal.log_weight_choices = weights_to_try(logits, rest, level.splats.size());
    made.log_amplitude = proposal.log_weight_choices.front();
    proposal.pull = shares_taken(logits, rest, made.log_amplitude);
    proposal.kind = EventKind::birth;
    proposal.level = level.splats.level;
    proposal.after = {std::move(made)};
    proposal.reasons = {{"row_kl", level.row_kl[*place], mean(level.row_kl)}};
    proposal.key = proposal_key(EventKind::birth, {level.splats.id[owner_of(level, *place)]});
    return proposal;
}

}  // namespace hsa
