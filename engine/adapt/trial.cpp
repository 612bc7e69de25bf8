#include "engine/adapt/trial.h"

#include "engine/adapt/trial_rows.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace hsa {
namespace {

constexpr int kSteps = 8;
constexpr double kRate = 0.05;
constexpr std::size_t kFewRows = 16;  // a pool this small is not cut in two
constexpr std::size_t kTokens = 8;

std::vector<std::size_t> columns_of(const LevelPool& level, std::span<const SplatId> ids) {
    std::vector<std::size_t> columns;
    for (const SplatId id : ids)
        columns.push_back(
            static_cast<std::size_t>(std::find(level.splats.id.begin(), level.splats.id.end(), id) -
                                     level.splats.id.begin()));
    return columns;
}

// Eight steps of the new splats alone, the others frozen; the best iterate is kept.
LevelSplats fit(const CycleContext& context, const TrialRows& rows, LevelSplats splats,
                std::span<const float> choices) {
    if (choices.size() > 1) {
        double least = 0.0;
        float best = splats.log_weight[0];
        for (std::size_t c = 0; c < choices.size(); ++c) {
            splats.log_weight[0] = choices[c];
            const double loss = rows.loss(rows.mix(context, splats));
            if (c > 0 && loss >= least) continue;
            least = loss;
            best = choices[c];
        }
        splats.log_weight[0] = best;
    }
    std::map<SplatId, AdamMoments> moments;
    LevelSplats best = splats;
    double least = 0.0;
    for (int step = 0; step <= kSteps; ++step) {
        if (step == kSteps) {
            if (rows.loss(rows.mix(context, splats)) < least) best = splats;
            break;
        }
        const LevelGradient gradient = rows.gradient(context, splats);
        if (step == 0 || gradient.loss < least) {
            least = gradient.loss;
            best = splats;
        }
        adam_step(gradient, kRate, context.scale[splats.level], moments, splats);
    }
    return best;
}

std::vector<Splat> with_columns(std::vector<Splat> splats, const LevelSplats& fitted) {
    for (std::size_t s = 0; s < splats.size(); ++s) {
        std::copy(fitted.centre.row(s).begin(), fitted.centre.row(s).end(),
                  splats[s].centre.begin());
        std::copy(fitted.variance.row(s).begin(), fitted.variance.row(s).end(),
                  splats[s].variance.begin());
        splats[s].log_amplitude = fitted.log_weight[s];
    }
    return splats;
}

// The level with the proposal's splats exchanged.
LevelSplats exchanged(const SplatRegistry& registry, const LevelPool& level,
                      const Proposal& proposal, const std::vector<Splat>& after) {
    std::vector<Splat> all;
    for (const SplatId id : level.splats.id)
        if (std::find(proposal.before.begin(), proposal.before.end(), id) == proposal.before.end())
            all.push_back(registry.splat(registry.row(id)));
    all.insert(all.end(), after.begin(), after.end());
    return level_splats(all);
}

}  // namespace

TrialOutcome run_trial(const CycleContext& context, const Pool& pool, const LevelPool& level,
                       const SplatRegistry& registry, const Proposal& proposal, double probe_kl,
                       std::uint64_t index) {
    const std::vector<std::size_t> touched = columns_of(level, proposal.before);
    const std::size_t wanted = std::max<std::size_t>(context.input.settings.trial_rows, 4);
    const std::size_t size = pool.rows.size();
    const bool fits = !proposal.after.empty();
    // Rows that fit and rows that judge are drawn from different halves of the pool.
    const bool halved = fits && size >= kFewRows;
    std::vector<std::size_t> all(size);
    std::iota(all.begin(), all.end(), std::size_t{0});
    const Halves halves =
        halved ? halve(size, context.seed, context.cycle, level.splats.level) : Halves{all, all};
    const std::size_t judged = fits ? wanted / 2 : wanted;
    const TrialRows judge(
        context, pool, level, touched,
        draw_rows(proposal.pull, halves.other, judged, context.seed, context.cycle, 2 * index));

    TrialOutcome outcome;
    outcome.after = proposal.after;
    LevelSplats fitted = level_splats(proposal.after);
    fitted.level = level.splats.level;
    if (fits) {
        // New splats have no id yet; the steps need one each.
        std::iota(fitted.id.begin(), fitted.id.end(), SplatId{0});
        const TrialRows train(context, pool, level, touched,
                              draw_rows(proposal.pull, halves.one, wanted - judged, context.seed,
                                        context.cycle, 2 * index + 1));
        fitted = fit(context, train, std::move(fitted), proposal.log_weight_choices);
        outcome.after = with_columns(std::move(outcome.after), fitted);
    }
    const Mixture after = judge.mix(context, fitted);
    const TrialRows::Change change =
        judge.change(judge.divergences(judge.as_is()), judge.divergences(after));
    outcome.d = change.mean;
    outcome.se = change.error;
    for (const std::size_t column : judge.strongest_columns(fits ? after : judge.as_is(), kTokens))
        outcome.tokens.push_back(context.columns.token(column));

    const bool growth = proposal.after.size() > proposal.before.size();
    outcome.judged = outcome.d + (growth ? kGrowthErrors : kShrinkErrors) * outcome.se;
    const double lambda = proposal.threshold_factor * context.lambda[level.splats.level];
    outcome.threshold = growth ? -lambda : lambda;
    outcome.probe_threshold = growth ? 0.0 : lambda;
    if (!(outcome.judged < outcome.threshold)) return outcome;
    outcome.probed = true;
    outcome.probe_change =
        context.probe_kl(exchanged(registry, level, proposal, outcome.after)) - probe_kl;
    outcome.accepted = outcome.probe_change < outcome.probe_threshold;
    return outcome;
}

}  // namespace hsa
