#include "engine/prune/head_trial.h"

#include "engine/adapt/rows.h"
#include "engine/fit/steps.h"
#include "engine/prune/head_alone.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace hsa {
namespace {

constexpr int kSteps = 8;
constexpr double kRate = 0.02;         // that of a fit beside a near set
constexpr std::size_t kFewRows = 16;   // a pool this small is not cut in two
constexpr double kOutputWeight = 0.0;  // row-KL judges, so it is what the steps lower

// The registry with the proposal's splats exchanged; new ones last, under the ids that come next.
SplatRegistry exchanged(const SplatRegistry& registry, std::span<const SplatId> before,
                        std::span<const Splat> after) {
    SplatRegistry made = registry;
    for (const Splat& splat : after) (void)made.add(splat);
    for (const SplatId id : before) made.drop(id);
    return made;
}

// Eight steps of the new splats alone, from the best of the weights there are to choose from; the
// best iterate is kept.
SplatRegistry fitted(const HeadContext& context, const ExactRows& rows, SplatRegistry registry,
                     std::span<const SplatId> fresh, std::span<const float> choices) {
    if (choices.size() > 1) {
        Splat born = registry.splat(registry.row(fresh.front()));
        float chosen = born.log_amplitude;
        double lowest = 0.0;
        for (std::size_t c = 0; c < choices.size(); ++c) {
            born.log_amplitude = choices[c];
            registry.assign(born);
            const double loss =
                measure_fit(context.backend, registry, context.head, rows, context.work)
                    .loss.total(kOutputWeight);
            if (c > 0 && !(loss < lowest)) continue;
            lowest = loss;
            chosen = choices[c];
        }
        born.log_amplitude = chosen;
        registry.assign(born);
    }
    const FitSteps steps(context.head);
    std::map<SplatId, AdamMoments> moments;
    SplatRegistry best = registry;
    double least = 0.0;
    for (int step = 0; step <= kSteps; ++step) {
        context.work.check();
        if (step == kSteps) {
            const double loss =
                measure_fit(context.backend, registry, context.head, rows, context.work)
                    .loss.total(kOutputWeight);
            if (loss < least) best = std::move(registry);
            break;
        }
        const FitGradient gradient = fit_gradient(context.backend, registry, context.head, rows,
                                                  kOutputWeight, context.work);
        const double loss = gradient.loss.total(kOutputWeight);
        if (step == 0 || loss < least) {
            least = loss;
            best = registry;
        }
        steps.step_only(fresh, gradient, kRate, registry, moments);
    }
    return best;
}

ExactRows rows_of(const HeadContext& context, const HeadPool& pool,
                  std::span<const DrawnRow> drawn) {
    std::vector<std::uint32_t> rows;
    double draws = 0.0;
    for (const DrawnRow& row : drawn) {
        rows.push_back(pool.exact.rows[row.place]);
        draws += static_cast<double>(row.times);
    }
    ExactRows exact = exact_rows(context.head, std::move(rows));
    for (const DrawnRow& row : drawn)
        exact.weight.push_back(row.weight * static_cast<double>(row.times) / draws);
    return exact;
}

// Tokens that the splats which go, or of a birth the new one, stand for most, by K.
std::vector<std::uint32_t> tokens_of(const HeadContext& context, const HeadPool& pool,
                                     const SplatRegistry& registry, const Proposal& proposal,
                                     std::span<const Splat> after) {
    if (proposal.before.empty()) return strongest_keys(context, registry, after.front());
    const Matrix<float>& keys = pool.level.keys.k;
    std::vector<double> mass(keys.rows(), 0.0);
    for (const SplatId id : proposal.before) {
        const std::size_t s = place_of(pool.level, id);
        for (std::size_t j = 0; j < mass.size(); ++j)
            mass[j] += pool.level.usage[s] * static_cast<double>(keys(j, s));
    }
    return strongest_tokens(mass);
}

}  // namespace

TrialOutcome run_head_trial(const HeadContext& context, const HeadPool& pool,
                            const SplatRegistry& registry, const Proposal& proposal,
                            double probe_kl, std::uint64_t index) {
    const std::size_t wanted = std::max<std::size_t>(context.input.settings.trial_rows, 4);
    const std::size_t size = pool.exact.rows.size();
    const bool fits = !proposal.after.empty();
    const bool growth = proposal.after.size() > proposal.before.size();
    std::vector<std::size_t> all(size);
    std::iota(all.begin(), all.end(), std::size_t{0});
    Halves halves{all, all};
    if (fits && size >= kFewRows) halves = halve(size, context.seed, context.cycle, index);
    const std::size_t judged = fits ? wanted / 2 : wanted;
    const auto draw = [&](const std::vector<std::size_t>& places, std::size_t count,
                          std::uint64_t number) {
        return draw_rows(proposal.pull, places, count, context.seed, context.cycle, number);
    };
    SplatRegistry after = exchanged(registry, proposal.before, proposal.after);
    TrialOutcome outcome;
    outcome.after = proposal.after;
    if (fits) {
        const std::vector<SplatId> fresh(
            after.id.end() - static_cast<std::ptrdiff_t>(proposal.after.size()), after.id.end());
        const std::vector<DrawnRow> rows = draw(halves.one, wanted - judged, 2 * index + 1);
        after = fitted(context, rows_of(context, pool, rows), std::move(after), fresh,
                       proposal.log_weight_choices);
        for (std::size_t s = 0; s < fresh.size(); ++s)
            outcome.after[s] = after.splat(after.row(fresh[s]));
    }
    const std::vector<DrawnRow> rows = draw(halves.other, judged, 2 * index);
    const ExactRows judge = rows_of(context, pool, rows);
    const RowChange change =
        weighted_change(rows, context.rows_kl(registry, judge), context.rows_kl(after, judge));
    outcome.d = change.mean;
    outcome.se = change.error;
    outcome.tokens = tokens_of(context, pool, registry, proposal, outcome.after);
    outcome.judged = outcome.d + (growth ? kGrowthErrors : kShrinkErrors) * outcome.se;
    const double lambda = proposal.threshold_factor * context.lambda;
    outcome.threshold = growth ? -lambda : lambda;
    outcome.probe_threshold = growth ? 0.0 : lambda;
    if (!(outcome.judged < outcome.threshold)) return outcome;
    outcome.probed = true;
    outcome.probe_change = context.probe_kl(after) - probe_kl;
    outcome.accepted = outcome.probe_change < outcome.probe_threshold;
    return outcome;
}

}  // namespace hsa
