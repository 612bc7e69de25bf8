#include "engine/adapt/coverage_events.h"

#include "engine/adapt/birth.h"
#include "engine/adapt/density.h"
#include "engine/core/exponential.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace hsa {
namespace {

constexpr std::size_t kTokens = 8;
constexpr std::array<double, 5> kShares = {0.25, 0.5, 1.0, 2.0, 4.0};  // of an even share
constexpr double kLargestShare = 0.5;

// Centre and covariance of some rows, shrunk towards a multiple of the identity (Ledoit and Wolf
// 2004), in the terms of the splat's kind. Rows that are one point leave the splat as it is.
void shrunk_moments(const Matrix<float>& x, std::span<const std::size_t> rows, Splat& splat) {
    const std::size_t d = x.cols();
    const auto m = static_cast<double>(rows.size());
    std::vector<double> centre(d, 0.0);
    for (const std::size_t row : rows)
        for (std::size_t a = 0; a < d; ++a) centre[a] += static_cast<double>(x(row, a)) / m;
    Matrix<double> covariance(d, d);
    double fourth = 0.0;  // sum of |y|^4
    for (const std::size_t row : rows) {
        double square = 0.0;
        for (std::size_t a = 0; a < d; ++a) {
            const double ya = static_cast<double>(x(row, a)) - centre[a];
            square += ya * ya;
            for (std::size_t b = 0; b < d; ++b)
                covariance(a, b) += ya * (static_cast<double>(x(row, b)) - centre[b]) / m;
        }
        fourth += square * square;
    }
    double trace = 0.0;
    double norm = 0.0;
    for (std::size_t a = 0; a < d; ++a) {
        trace += covariance(a, a);
        for (std::size_t b = 0; b < d; ++b) norm += covariance(a, b) * covariance(a, b);
    }
    const double even = trace / static_cast<double>(d);
    const double spread = norm - even * trace;     // |S - even I|^2
    const double noise = (fourth / m - norm) / m;  // of S itself
    const double shrink = spread > 0.0 ? std::clamp(noise / spread, 0.0, 1.0) : 1.0;
    if (!(even > 0.0)) return;
    if (splat.kind == CovarianceKind::lowrank || splat.kind == CovarianceKind::full) {
        for (std::size_t a = 0; a < d; ++a) {
            splat.centre[a] = static_cast<float>(centre[a]);
            for (std::size_t b = 0; b < d; ++b)
                covariance(a, b) =
                    (a == b ? shrink * even : 0.0) + (1.0 - shrink) * covariance(a, b);
        }
        Covariance kept = restricted(covariance, splat.kind);
        splat.variance = std::move(kept.variance);
        splat.shape = std::move(kept.shape);
        return;
    }
    for (std::size_t a = 0; a < d; ++a) {
        splat.centre[a] = static_cast<float>(centre[a]);
        const double own = shrink * even + (1.0 - shrink) * covariance(a, a);
        splat.variance[a] = static_cast<float>(splat.kind == CovarianceKind::spherical
                                                   ? even
                                                   : std::clamp(own, even / 100.0, even * 100.0));
    }
}

// Gives the splat the share of the level's weight that covers the proposing half best.
void choose_share(const LevelCoverage& coverage, const LevelSplats& splats,
                  std::span<const double> covered, Splat& splat) {
    const std::vector<float> kernel = coverage.pool_kernel(splat);
    const double even = 1.0 / static_cast<double>(splats.size() + 1);
    double best_share = 0.0;
    double best = 0.0;
    for (const double times : kShares) {
        const double share = std::min(times * even, kLargestShare);
        double sum = 0.0;
        for (const std::size_t i : coverage.proposing()) {
            const double with = std::log(share) + static_cast<double>(kernel[i]);
            const double without = std::log1p(-share) + covered[i];
            sum += std::max(with, without) + std::log1p(std::exp(-std::abs(with - without)));
        }
        if (best_share > 0.0 && sum <= best) continue;
        best = sum;
        best_share = share;
    }
    splat.log_amplitude = static_cast<float>(log_sum_exp(splats.log_weight) +
                                             std::log(best_share / (1.0 - best_share)));
}

std::vector<std::uint32_t> first_tokens(const LevelCoverage& coverage,
                                        std::span<const std::size_t> places) {
    std::vector<std::uint32_t> tokens;
    for (std::size_t p = 0; p < std::min(kTokens, places.size()); ++p)
        tokens.push_back(coverage.token(places[p]));
    return tokens;
}

// The level with the proposal's splats exchanged.
LevelSplats exchanged(const SplatRegistry& registry, const LevelSplats& splats,
                      const Proposal& proposal) {
    std::vector<Splat> all;
    for (const SplatId id : splats.id)
        if (std::find(proposal.before.begin(), proposal.before.end(), id) == proposal.before.end())
            all.push_back(registry.splat(registry.row(id)));
    all.insert(all.end(), proposal.after.begin(), proposal.after.end());
    return level_splats(all);
}

}  // namespace

std::optional<CoverageProposal> propose_covering_birth(const LevelCoverage& coverage,
                                                       const LevelSplats& splats,
                                                       const Eligibility& eligible) {
    const std::vector<double> covered = coverage.pool_coverage(splats);
    const Matrix<float> r = coverage.responsibilities(splats);
    std::size_t worst = covered.size();
    ProposalKey key;
    for (const std::size_t i : coverage.proposing()) {
        if (worst < covered.size() && covered[i] >= covered[worst]) continue;
        const std::span<const float> row = r.row(i);
        const SplatId owner = splats.id[static_cast<std::size_t>(
            std::max_element(row.begin(), row.end()) - row.begin())];
        ProposalKey its = proposal_key(EventKind::birth, {owner});
        if (eligible.busy.count(owner) > 0 || eligible.resting(its)) continue;
        worst = i;
        key = std::move(its);
    }
    if (worst == covered.size()) return std::nullopt;
    const std::vector<std::size_t> near =
        region_of(coverage.pool().view(), worst, coverage.proposing(), splats.size());
    CoverageProposal made;
    Splat splat = median_splat(eligible.registry, splats.level);
    const std::span<const float> point = coverage.pool().row(worst);
    std::copy(point.begin(), point.end(), splat.centre.begin());
    shrunk_moments(coverage.pool(), near, splat);
    choose_share(coverage, splats, covered, splat);
    made.proposal.kind = EventKind::birth;
    made.proposal.level = splats.level;
    made.proposal.after = {std::move(splat)};
    made.proposal.reasons = {{"log_coverage", covered[worst], mean(covered)}};
    made.proposal.key = std::move(key);
    made.tokens = first_tokens(coverage, near);
    return made;
}

std::optional<CoverageProposal> propose_covering_death(const LevelCoverage& coverage,
                                                       const LevelSplats& splats,
                                                       const Eligibility& eligible) {
    const std::size_t k = splats.size();
    if (k <= 2) return std::nullopt;
    const Matrix<float> r = coverage.responsibilities(splats);
    std::vector<double> usage(k, 0.0);
    for (std::size_t i = 0; i < r.rows(); ++i)
        for (std::size_t s = 0; s < k; ++s)
            usage[s] += static_cast<double>(r(i, s)) / static_cast<double>(r.rows());
    const double even = 1.0 / static_cast<double>(k);
    std::size_t lowest = k;
    double least = 0.0;
    for (std::size_t s = 0; s < k; ++s) {
        const double smoothed = eligible.signals.usage(splats.id[s], usage[s]);
        if (smoothed >= even || !eligible.old_enough(splats.id[s], kAgeToShrink)) continue;
        if (eligible.signals.dormant(splats.id[s], usage[s], even)) continue;
        if (eligible.resting(proposal_key(EventKind::death, {splats.id[s]}))) continue;
        if (lowest < k && smoothed >= least) continue;
        lowest = s;
        least = smoothed;
    }
    if (lowest == k) return std::nullopt;
    CoverageProposal made;
    made.proposal.kind = EventKind::death;
    made.proposal.level = splats.level;
    made.proposal.before = {splats.id[lowest]};
    made.proposal.reasons = {{"usage", least, even}};
    made.proposal.key = proposal_key(EventKind::death, made.proposal.before);
    std::vector<std::size_t> order(r.rows());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return r(a, lowest) > r(b, lowest); });
    made.tokens = first_tokens(coverage, order);
    return made;
}

TrialOutcome weigh(const LevelCoverage& coverage, const SplatRegistry& registry,
                   const LevelSplats& splats, const CoverageProposal& made, double lambda,
                   double probe_loss) {
    const Proposal& proposal = made.proposal;
    const LevelSplats changed = exchanged(registry, splats, proposal);
    const std::vector<double> before = coverage.pool_coverage(splats);
    const std::vector<double> after = coverage.pool_coverage(changed);
    const auto count = static_cast<double>(coverage.judging().size());
    double sum = 0.0;
    double squares = 0.0;
    for (const std::size_t i : coverage.judging()) {
        const double d = before[i] - after[i];
        sum += d;
        squares += d * d;
    }
    TrialOutcome outcome;
    outcome.after = proposal.after;
    outcome.tokens = made.tokens;
    outcome.d = sum / count;
    if (count > 1.0)
        outcome.se =
            std::sqrt(std::max(0.0, squares / count - outcome.d * outcome.d) / (count - 1.0));
    const bool growth = proposal.kind == EventKind::birth;
    outcome.judged = outcome.d + (growth ? kGrowthErrors : kShrinkErrors) * outcome.se;
    outcome.threshold = growth ? -lambda : lambda;
    outcome.probe_threshold = growth ? 0.0 : lambda;
    if (!(outcome.judged < outcome.threshold)) return outcome;
    outcome.probed = true;
    outcome.probe_change = coverage.probe_loss(changed) - probe_loss;
    outcome.accepted = outcome.probe_change < outcome.probe_threshold;
    return outcome;
}

}  // namespace hsa
