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
    for (const SplatId id : ids) columns.push_back(place_of(level, id));
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

// True when one of the last `fresh` splats has no row of V that it carries most and whose KL falls:
// V knows nothing of what that one is for.
bool unseen_by_probe(const CycleContext& context, const LevelSplats& before,
                     const LevelSplats& splats, std::size_t fresh,
                     std::span<const double> after_kl) {
    const std::vector<double> before_kl = context.probe_rows_kl(before);
    const MatrixView<const float> x = context.columns.x[splats.level];
    const auto bound = bind(context.backend, splats, context.input.temperature);
    const LevelKeys keys = level_keys(context.backend, *bound, x, context.columns.log_weight);
    const LevelQueries queries =
        level_queries(context.backend, *bound, splats.log_weight, keys, context.background,
                      context.coordinates(splats.level, context.rows.probe).view(),
                      context.seen(context.rows.probe));
    const std::size_t first = splats.size() - fresh;
    std::vector<bool> seen(fresh, false);
    for (std::size_t i = 0; i < queries.p.rows(); ++i) {
        const std::span<const float> row = queries.p.row(i);
        const auto owner =
            static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
        if (owner >= first && after_kl[i] < before_kl[i]) seen[owner - first] = true;
    }
    return std::find(seen.begin(), seen.end(), false) != seen.end();
}

// The pool's places by their strongest splat and, within it, by falling KL: neighbours come into
// different halves.
std::vector<std::size_t> sorted_places(const LevelPool& level) {
    const Matrix<float>& p = level.queries.p;
    std::vector<std::size_t> owner(p.rows());
    for (std::size_t i = 0; i < owner.size(); ++i)
        owner[i] = static_cast<std::size_t>(std::max_element(p.row(i).begin(), p.row(i).end()) -
                                            p.row(i).begin());
    std::vector<std::size_t> places(p.rows());
    std::iota(places.begin(), places.end(), std::size_t{0});
    std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
        return owner[a] != owner[b] ? owner[a] < owner[b] : level.row_kl[a] > level.row_kl[b];
    });
    return places;
}

// Halves of the sorted places, each rising: the judging rows know every splat that is to be joined,
// even one that carries three rows of the pool.
Halves even_halves(const CycleContext& context, const LevelPool& level) {
    const std::vector<std::size_t> places = sorted_places(level);
    Halves halves = halve(places.size(), context.seed, context.cycle, level.splats.level);
    for (std::vector<std::size_t>* half : {&halves.one, &halves.other}) {
        for (std::size_t& place : *half) place = places[place];
        std::sort(half->begin(), half->end());
    }
    return halves;
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
    const bool growth = proposal.after.size() > proposal.before.size();
    Halves halves{all, all};
    if (halved && growth) halves = halve(size, context.seed, context.cycle, level.splats.level);
    else if (halved) halves = even_halves(context, level);
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
    const RowChange change =
        judge.change(judge.divergences(judge.as_is()), judge.divergences(after));
    outcome.d = change.mean;
    outcome.se = change.error;
    for (const std::size_t column : judge.strongest_columns(fits ? after : judge.as_is(), kTokens))
        outcome.tokens.push_back(context.columns.token(column));

    outcome.judged = outcome.d + (growth ? kGrowthErrors : kShrinkErrors) * outcome.se;
    const double lambda = proposal.threshold_factor * context.lambda[level.splats.level];
    outcome.threshold = growth ? -lambda : lambda;
    outcome.probe_threshold = growth ? 0.0 : lambda;
    if (!(outcome.judged < outcome.threshold)) return outcome;
    outcome.probed = true;
    const LevelSplats whole = exchanged(registry, level, proposal, outcome.after);
    const std::vector<double> after_kl = context.probe_rows_kl(whole);
    outcome.probe_change = mean(after_kl) - probe_kl;
    // What V does not see cannot lower its KL: there its rise is taken from the trial's gain.
    const double room = outcome.threshold - outcome.judged;
    if (growth && outcome.probe_change >= 0.0 && outcome.probe_change < room &&
        unseen_by_probe(context, level.splats, whole, proposal.after.size(), after_kl))
        outcome.probe_threshold = room;
    outcome.accepted = outcome.probe_change < outcome.probe_threshold;
    return outcome;
}

}  // namespace hsa
