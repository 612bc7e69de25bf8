#include "engine/adapt/coverage.h"

#include "engine/adapt/adam.h"
#include "engine/adapt/adjust.h"
#include "engine/adapt/birth.h"
#include "engine/adapt/cycle_context.h"
#include "engine/adapt/record.h"
#include "engine/core/exponential.h"
#include "engine/core/parallel.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace hsa {
namespace {

constexpr std::uint64_t kSteps = 10;
constexpr std::size_t kStepRows = 256;
constexpr std::size_t kLeastNeighbours = 8;
constexpr std::size_t kMostNeighbours = 64;
constexpr std::size_t kTokens = 8;
constexpr std::size_t kHalf = 2;  // even places of the pool propose, odd ones judge
constexpr const char* kMeasure = "minus log-coverage";

// ln pi_s + ell_s of each row: [r, k], with pi the level's weights divided by their sum.
Matrix<float> coverage_logits(Backend& backend, const LevelSplats& splats, double temperature,
                              MatrixView<const float> x) {
    const auto bound = bind(backend, splats, temperature);
    Matrix<float> logits(x.rows, splats.size());
    backend.log_kernel(*bound, x, logits.view());
    const auto total = static_cast<float>(log_sum_exp(splats.log_weight));
    for (std::size_t i = 0; i < logits.rows(); ++i)
        for (std::size_t s = 0; s < logits.cols(); ++s)
            logits(i, s) += splats.log_weight[s] - total;
    return logits;
}

// The rows and numbers one level's part of the cycle looks at.
class LevelCoverage {
  public:
    LevelCoverage(Backend& backend, const AdaptInput& input, const RowSets& rows, std::size_t level,
                  std::int32_t cycle)
        : backend_(backend), input_(input), seed_(adapt_seed(input)), cycle_(cycle) {
        const MatrixView<const float> x = input.coordinates.levels[level]->view();
        tokens_ = pool_rows(rows, x.rows, seed_, cycle);
        pool_ = gather_rows(x, tokens_);
        probe_ = gather_rows(x, rows.probe);
        scale_ = step_scale(pool_.view());
        free_ = rows.free;
        x_ = x;
    }

    [[nodiscard]] double probe_loss(const LevelSplats& splats) const {
        return -mean(log_coverage(backend_, splats, input_.temperature, probe_.view()));
    }
    [[nodiscard]] std::vector<double> pool_coverage(const LevelSplats& splats) const {
        return log_coverage(backend_, splats, input_.temperature, pool_.view());
    }
    [[nodiscard]] const Matrix<float>& pool() const { return pool_; }
    [[nodiscard]] std::uint32_t token(std::size_t place) const { return tokens_[place]; }

    // P(s|i) of this mixture on the pool: [r, k].
    [[nodiscard]] Matrix<float> responsibilities(const LevelSplats& splats) const {
        Matrix<float> r = coverage_logits(backend_, splats, input_.temperature, pool_.view());
        for (std::size_t i = 0; i < r.rows(); ++i) softmax(r.row(i));
        return r;
    }

    // Centres step towards the tokens they answer for.
    LevelSplats step(LevelSplats splats, double rate,
                     std::map<SplatId, AdamMoments>& moments) const {
        const KernelSums kernel(splats.size(), splats.centre.cols(), splats.spherical);
        for (std::uint64_t step = 0; step < kSteps; ++step) {
            const std::vector<std::uint32_t> rows =
                stratified(free_, kStepRows, seed_, cycle_, Purpose::adjust, step);
            const Matrix<float> x = gather_rows(x_, rows);
            Matrix<float> g = coverage_logits(backend_, splats, input_.temperature, x.view());
            const float each = -1.0F / static_cast<float>(rows.size());
            for (std::size_t i = 0; i < g.rows(); ++i) {
                softmax(g.row(i));
                for (float& value : g.row(i)) value *= each;
            }
            std::vector<double> sums(kernel.width(), 0.0);
            kernel.add(g.view(), x.view(), sums);
            LevelGradient gradient;
            gradient.log_weight.assign(splats.size(), 0.0);
            kernel.to_parameters(sums, splats, input_.temperature, gradient);
            gradient.log_precision =
                Matrix<double>(gradient.log_precision.rows(), gradient.log_precision.cols());
            adam_step(gradient, rate, scale_, moments, splats);
        }
        return splats;
    }

  private:
    Backend& backend_;
    const AdaptInput& input_;
    std::uint64_t seed_;
    std::int32_t cycle_;
    std::vector<std::uint32_t> tokens_;
    std::vector<std::uint32_t> free_;
    Matrix<float> pool_;
    Matrix<float> probe_;
    StepScale scale_;
    MatrixView<const float> x_;
};

// Centre and diagonal covariance of some rows, shrunk towards a multiple of the identity (Ledoit
// and Wolf 2004); the diagonal is all that spherical and diagonal splats keep.
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
    if (!(even > 0.0)) return;  // all neighbours are one point: the median width stays
    for (std::size_t a = 0; a < d; ++a) {
        splat.centre[a] = static_cast<float>(centre[a]);
        const double own = shrink * even + (1.0 - shrink) * covariance(a, a);
        splat.variance[a] = static_cast<float>(splat.kind == CovarianceKind::spherical
                                                   ? even
                                                   : std::clamp(own, even / 100.0, even * 100.0));
    }
}

struct CoverageProposal {
    Proposal proposal;
    std::vector<std::uint32_t> tokens;
};

std::optional<CoverageProposal> cover_birth(const LevelCoverage& coverage,
                                            const LevelSplats& splats,
                                            const Eligibility& eligible) {
    const std::vector<double> covered = coverage.pool_coverage(splats);
    const Matrix<float> r = coverage.responsibilities(splats);
    std::size_t worst = covered.size();
    ProposalKey key;
    for (std::size_t i = 0; i < covered.size(); i += kHalf) {
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
    const Matrix<float>& pool = coverage.pool();
    std::vector<double> distance(pool.rows(), 0.0);
    for (std::size_t i = 0; i < pool.rows(); ++i)
        for (std::size_t a = 0; a < pool.cols(); ++a) {
            const double delta =
                static_cast<double>(pool(i, a)) - static_cast<double>(pool(worst, a));
            distance[i] += delta * delta;
        }
    std::vector<std::size_t> near;
    for (std::size_t i = 0; i < pool.rows(); i += kHalf) near.push_back(i);
    std::stable_sort(near.begin(), near.end(),
                     [&](std::size_t a, std::size_t b) { return distance[a] < distance[b]; });
    near.resize(std::min(near.size(), std::clamp(pool.rows() / (2 * splats.size()),
                                                 kLeastNeighbours, kMostNeighbours)));
    CoverageProposal made;
    Splat splat = median_splat(eligible.registry, splats.level);
    std::copy(pool.row(worst).begin(), pool.row(worst).end(), splat.centre.begin());
    shrunk_moments(pool, near, splat);
    made.proposal.kind = EventKind::birth;
    made.proposal.level = splats.level;
    made.proposal.after = {std::move(splat)};
    made.proposal.reasons = {{"log_coverage", covered[worst], mean(covered)}};
    made.proposal.key = std::move(key);
    for (std::size_t p = 0; p < std::min(kTokens, near.size()); ++p)
        made.tokens.push_back(coverage.token(near[p]));
    return made;
}

std::optional<CoverageProposal> cover_death(const LevelCoverage& coverage,
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
    for (std::size_t s = 0; s < k; ++s) {
        if (usage[s] >= even || !eligible.old_enough(splats.id[s], kAgeToShrink)) continue;
        if (eligible.resting(proposal_key(EventKind::death, {splats.id[s]}))) continue;
        if (lowest == k || usage[s] < usage[lowest]) lowest = s;
    }
    if (lowest == k) return std::nullopt;
    CoverageProposal made;
    made.proposal.kind = EventKind::death;
    made.proposal.level = splats.level;
    made.proposal.before = {splats.id[lowest]};
    made.proposal.reasons = {{"usage", usage[lowest], even}};
    made.proposal.key = proposal_key(EventKind::death, made.proposal.before);
    std::vector<std::size_t> order(r.rows());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return r(a, lowest) > r(b, lowest); });
    for (std::size_t p = 0; p < std::min(kTokens, order.size()); ++p)
        made.tokens.push_back(coverage.token(order[p]));
    return made;
}

TrialOutcome weigh(const LevelCoverage& coverage, const SplatRegistry& registry,
                   const LevelSplats& splats, const Proposal& proposal, double lambda,
                   double probe) {
    std::vector<Splat> all;
    for (const SplatId id : splats.id)
        if (std::find(proposal.before.begin(), proposal.before.end(), id) == proposal.before.end())
            all.push_back(registry.splat(registry.row(id)));
    all.insert(all.end(), proposal.after.begin(), proposal.after.end());
    const LevelSplats changed = level_splats(all);
    const std::vector<double> before = coverage.pool_coverage(splats);
    const std::vector<double> after = coverage.pool_coverage(changed);
    double sum = 0.0;
    double squares = 0.0;
    std::size_t judged = 0;
    for (std::size_t i = before.size() > 1 ? 1 : 0; i < before.size(); i += kHalf, ++judged) {
        const double d = before[i] - after[i];
        sum += d;
        squares += d * d;
    }
    const auto count = static_cast<double>(judged);
    TrialOutcome outcome;
    outcome.after = proposal.after;
    outcome.d = sum / count;
    if (judged > 1)
        outcome.se =
            std::sqrt(std::max(0.0, squares / count - outcome.d * outcome.d) / (count - 1.0));
    const bool growth = proposal.kind == EventKind::birth;
    outcome.judged = outcome.d + (growth ? 1.0 : 2.0) * outcome.se;
    outcome.threshold = growth ? -lambda : lambda;
    outcome.probe_threshold = growth ? 0.0 : lambda;
    if (!(outcome.judged < outcome.threshold)) return outcome;
    outcome.probed = true;
    outcome.probe_change = coverage.probe_loss(changed) - probe;
    outcome.accepted = outcome.probe_change < outcome.probe_threshold;
    return outcome;
}

}  // namespace

std::vector<double> log_coverage(Backend& backend, const LevelSplats& splats, double temperature,
                                 MatrixView<const float> x) {
    const Matrix<float> logits = coverage_logits(backend, splats, temperature, x);
    std::vector<double> covered(x.rows);
    parallel_for(x.rows, [&](std::size_t i) { covered[i] = log_sum_exp(logits.row(i)); });
    return covered;
}

double coverage_loss(Backend& backend, const LevelSplats& splats, double temperature,
                     MatrixView<const float> x, const Work& work) {
    double total = 0.0;
    for (std::size_t begin = 0; begin < x.rows; begin += kColumnLimit) {
        work.check();
        const std::size_t end = std::min(x.rows, begin + kColumnLimit);
        const std::vector<double> covered =
            log_coverage(backend, splats, temperature, x.block(begin, end));
        total += parallel_sum(covered.size(), 1,
                              [&](std::size_t from, std::size_t to, std::span<double> out) {
                                  for (std::size_t i = from; i < to; ++i) out[0] += covered[i];
                              })[0];
    }
    return -total / static_cast<double>(std::max<std::size_t>(x.rows, 1));
}

void adapt_to_coverage(Backend& backend, const AdaptInput& input, Draft& draft, const Work& work) {
    const std::size_t n = input.coordinates.size();
    const RowSets rows = row_sets(n, input.settings.probe_rows, adapt_seed(input));
    const Rates rates = rates_of(input.settings);
    const double lambda = input.settings.lambda;
    const double near = input.settings.learning_rate;
    int accepted = 0;
    int deaths = rates.death;
    int births = rates.birth;
    for (std::size_t l = 0; l < draft.registry.hierarchy.size(); ++l) {
        work.check();
        const std::string& name = draft.registry.hierarchy.levels[l].name;
        const LevelCoverage coverage(backend, input, rows, l, draft.cycle);
        LevelSplats splats = level_splats(draft.registry, l);
        AdjustedLevel adjusted;
        adjusted.rate = std::min(draft.state.learning_rate[l], near);
        adjusted.before = coverage.probe_loss(splats);
        const LevelSplats stepped = coverage.step(splats, adjusted.rate, draft.state.moments);
        adjusted.after = coverage.probe_loss(stepped);
        adjusted.kept = adjusted.after < adjusted.before;
        draft.state.learning_rate[l] = adjusted.kept ? std::min(adjusted.rate * 1.1, near)
                                                     : std::max(adjusted.rate / 2.0, near / 50.0);
        Event event;
        event.cycle = draft.cycle;
        event.level = static_cast<std::uint16_t>(l);
        event.accepted = adjusted.kept;
        event.d = adjusted.after - adjusted.before;
        const double price = lambda * static_cast<double>(splats.size());
        event.objective_before = adjusted.before + price;
        event.objective_after = (adjusted.kept ? adjusted.after : adjusted.before) + price;
        event.decided_by = {{"probe_change", event.d, 0.0}};
        event.text = fmt::format(
            "Ten steps of {:.3g} of the centres of {} {}: {} on the probe rows went from {:.4g} to "
            "{:.4g}.",
            adjusted.rate, name, adjusted.kept ? "were kept" : "were undone", kMeasure,
            adjusted.before, adjusted.after);
        if (adjusted.kept) {
            write_level(draft, stepped);
            draft.settled_levels.push_back(l);
            draft.gain_adjust += draft.registry.hierarchy.share(l) * event.d;
            splats = stepped;
        } else {
            for (const SplatId id : splats.id) draft.state.moments.erase(id);
        }
        draft.events.push_back(std::move(event));
        double probe = adjusted.kept ? adjusted.after : adjusted.before;
        for (const EventKind kind : {EventKind::death, EventKind::birth}) {
            int& left = kind == EventKind::death ? deaths : births;
            if (left == 0 || accepted == rates.accepted) continue;
            if (kind == EventKind::birth && splats.size() >= draft.most_splats(l, n)) continue;
            const Eligibility eligible{draft.registry, draft.busy, draft.state.cooldowns,
                                       draft.cycle};
            const std::optional<CoverageProposal> made =
                kind == EventKind::death ? cover_death(coverage, splats, eligible)
                                         : cover_birth(coverage, splats, eligible);
            if (!made) continue;
            --left;
            const TrialOutcome outcome =
                weigh(coverage, draft.registry, splats, made->proposal, lambda, probe);
            TrialOutcome told = outcome;
            told.tokens = made->tokens;
            if (record_trial(input, draft, made->proposal, told, probe, lambda, kMeasure)) {
                ++accepted;
                splats = level_splats(draft.registry, l);
                probe += outcome.probe_change;
            }
        }
        draft.state.best_kl[l] = std::min(draft.state.best_kl[l], probe);
    }
}

}  // namespace hsa
