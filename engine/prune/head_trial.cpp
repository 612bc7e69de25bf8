#include "engine/prune/head_trial.h"

#include "engine/adapt/merge.h"
#include "engine/adapt/rows.h"
#include "engine/attention/factors.h"
#include "engine/fit/steps.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace hsa {
namespace {

constexpr int kSteps = 8;
constexpr double kRate = 0.02;        // that of a fit beside a near set
constexpr std::size_t kFewRows = 16;  // a pool this small is not cut in two
constexpr std::size_t kTokens = 8;
constexpr double kOutputWeight = 0.0;  // row-KL judges, so it is what the steps lower

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

// The registry with the proposal's splats exchanged; new ones last, under the ids that come next.
SplatRegistry exchanged(const SplatRegistry& registry, std::span<const SplatId> before,
                        std::span<const Splat> after) {
    SplatRegistry made = registry;
    for (const Splat& splat : after) (void)made.add(splat);
    for (const SplatId id : before) made.drop(id);
    return made;
}

// What the pair had together on every row of the pool, as a logit, held against the new splat's
// with ln w as it is: the mean difference, by what the pair has.
double weight_shift(const HeadContext& context, const HeadPool& pool, const Proposal& proposal,
                    const SplatRegistry& registry, const Splat& one) {
    SplatRegistry both = registry;
    (void)both.add(one);
    const Factors factors = compute_factors_of_queries(
        context.backend, both, context.head.coordinates, pool.exact.rows, {}, context.work);
    const Matrix<float>& p = factors.p.values();
    const std::size_t added = both.size() - 1;
    const std::size_t a = place_of(pool.level, proposal.before[0]);
    const std::size_t b = place_of(pool.level, proposal.before[1]);
    double sum = 0.0;
    double weight = 0.0;
    for (std::size_t i = 0; i < p.rows(); ++i) {
        const double pair = static_cast<double>(p(i, a)) + static_cast<double>(p(i, b));
        const auto own = static_cast<double>(p(i, added));
        if (!(pair > 0.0) || !(own > 0.0)) continue;
        sum += pair * (std::log(pair) - std::log(own));
        weight += pair;
    }
    return weight > 0.0 ? sum / weight : 0.0;
}

// Eight steps of the last splats alone; the best iterate is kept.
SplatRegistry fitted(const HeadContext& context, const ExactRows& rows, SplatRegistry registry,
                     std::span<const SplatId> fresh) {
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

// Tokens that the proposal's splats stand for most, by K.
std::vector<std::uint32_t> tokens_of(const HeadPool& pool, const Proposal& proposal) {
    const Matrix<float>& keys = pool.level.keys.k;
    std::vector<double> mass(keys.rows(), 0.0);
    for (const SplatId id : proposal.before) {
        const std::size_t s = place_of(pool.level, id);
        for (std::size_t j = 0; j < mass.size(); ++j)
            mass[j] += pool.level.usage[s] * static_cast<double>(keys(j, s));
    }
    std::vector<std::uint32_t> order(mass.size());
    std::iota(order.begin(), order.end(), 0U);
    const std::size_t kept = std::min(kTokens, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                      [&](std::uint32_t x, std::uint32_t y) {
                          return mass[x] != mass[y] ? mass[x] > mass[y] : x < y;
                      });
    order.resize(kept);
    return order;
}

}  // namespace

std::optional<Proposal> propose_head_merge(const HeadContext& context, const HeadPool& pool,
                                           const Eligibility& eligible) {
    std::optional<Proposal> proposal = cheapest_pair(pool.level, eligible, context.lambda);
    if (!proposal) return proposal;
    const SplatRegistry& registry = eligible.registry;
    const Splat a = registry.splat(registry.row(proposal->before[0]));
    const Splat b = registry.splat(registry.row(proposal->before[1]));
    const double usage_a = pool.level.usage[place_of(pool.level, a.id)];
    const double usage_b = pool.level.usage[place_of(pool.level, b.id)];
    Splat one = joined(a, b, usage_a, usage_b);
    if (a.query && b.query)
        one.query = mean_kernel(a, b, usage_a + usage_b > 0.0 ? usage_a / (usage_a + usage_b) : 0.5,
                                static_cast<double>(one.beta));
    one.log_amplitude += static_cast<float>(weight_shift(context, pool, *proposal, registry, one));
    proposal->after = {std::move(one)};
    return proposal;
}

TrialOutcome run_head_trial(const HeadContext& context, const HeadPool& pool,
                            const SplatRegistry& registry, const Proposal& proposal,
                            double probe_kl, std::uint64_t index) {
    const std::size_t wanted = std::max<std::size_t>(context.input.settings.trial_rows, 4);
    const std::size_t size = pool.exact.rows.size();
    const bool fits = !proposal.after.empty();
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
        const std::vector<SplatId> fresh = {after.id.back()};
        const std::vector<DrawnRow> rows = draw(halves.one, wanted - judged, 2 * index + 1);
        after = fitted(context, rows_of(context, pool, rows), std::move(after), fresh);
        const Splat made = after.splat(after.row(fresh.front()));
        outcome.after.front() = made;
    }
    const std::vector<DrawnRow> rows = draw(halves.other, judged, 2 * index);
    const ExactRows judge = rows_of(context, pool, rows);
    const RowChange change =
        weighted_change(rows, context.rows_kl(registry, judge), context.rows_kl(after, judge));
    outcome.d = change.mean;
    outcome.se = change.error;
    outcome.tokens = tokens_of(pool, proposal);
    outcome.judged = outcome.d + kShrinkErrors * outcome.se;
    outcome.threshold = proposal.threshold_factor * context.lambda;
    outcome.probe_threshold = outcome.threshold;
    if (!(outcome.judged < outcome.threshold)) return outcome;
    outcome.probed = true;
    outcome.probe_change = context.probe_kl(after) - probe_kl;
    outcome.accepted = outcome.probe_change < outcome.probe_threshold;
    return outcome;
}

}  // namespace hsa
