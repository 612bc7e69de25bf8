#include "engine/adapt/coverage.h"

#include "engine/adapt/adjust.h"
#include "engine/adapt/coverage_events.h"
#include "engine/adapt/cycle_context.h"
#include "engine/adapt/level_coverage.h"
#include "engine/adapt/level_settings.h"
#include "engine/adapt/quotas.h"
#include "engine/adapt/record.h"
#include "engine/adapt/thresholds.h"
#include "engine/core/exponential.h"
#include "engine/core/parallel.h"
#include "engine/model/key_mask.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace hsa {
namespace {

constexpr const char* kMeasure = "minus log-coverage";

// Nothing has to cover masked tokens.
RowSets visible_rows(const AdaptInput& input) {
    const std::size_t n = input.coordinates.size();
    const std::vector<std::uint32_t> visible = visible_tokens(input.coordinates.masked, n);
    RowSets rows = row_sets(visible.size(), input.settings.probe_rows, adapt_seed(input));
    for (std::vector<std::uint32_t>* set : {&rows.report, &rows.probe, &rows.free})
        for (std::uint32_t& row : *set) row = visible[row];
    return rows;
}

// A cycle without a target in the making: every level steps, then deaths and births are tried, the
// levels in turn as in a cycle with a target.
class CoverageCycle {
  public:
    CoverageCycle(Backend& backend, const AdaptInput& input, Draft& draft, const Work& work)
        : input_(input),
          draft_(draft),
          work_(work),
          quotas_(input.settings, draft.registry.hierarchy) {
        const RowSets rows = visible_rows(input);
        for (std::size_t l = 0; l < draft.registry.hierarchy.size(); ++l) {
            levels_.emplace_back(backend, input, rows, l, draft.cycle);
            probe_.push_back(levels_[l].probe_loss(level_splats(draft.registry, l)));
        }
    }

    void run() {
        for (std::size_t l = 0; l < levels_.size(); ++l) {
            work_.check();
            adjust_level(l);
        }
        if (draft_.plan.due) try_structure();
        for (std::size_t l = 0; l < levels_.size(); ++l)
            draft_.state.best_kl[l] = std::min(draft_.state.best_kl[l], probe_[l]);
    }

  private:
    void try_structure() {
        order_ = order_of_levels(probe_, draft_.state.best_kl, draft_.cycle);
        for (const EventKind kind : {EventKind::death, EventKind::birth}) {
            turn_ = 0;
            while (try_in_turn(kind)) {
            }
        }
        follow_acceptance(input_.settings, counts_, draft_.state.thresholds);
        if (!(input_.settings.smoothing > 0.0)) return;
        for (std::size_t l = 0; l < levels_.size(); ++l) {
            const LevelSplats splats = level_splats(draft_.registry, l);
            note_signals(splats.id, levels_[l].usage(splats), {}, input_.settings.smoothing,
                         draft_.state);
        }
    }

    void adjust_level(std::size_t l) {
        const AdaptSettings own =
            at_level(input_.settings, draft_.registry.hierarchy.levels[l].name);
        const double near = own.learning_rate;
        const LevelSplats splats = level_splats(draft_.registry, l);
        const double rate = std::min(draft_.state.learning_rate[l], near);
        const LevelSplats stepped = levels_[l].step(splats, rate, draft_.state.moments);
        const double before = probe_[l];
        const double after = levels_[l].probe_loss(stepped);
        const bool kept = after < before;
        draft_.state.learning_rate[l] = next_rate(kept, before, after, rate, near);
        const double price = own.lambda * static_cast<double>(splats.size());
        Event event;
        event.cycle = draft_.cycle;
        event.level = static_cast<std::uint16_t>(l);
        event.accepted = kept;
        event.d = after - before;
        event.objective_before = before + price;
        event.objective_after = (kept ? after : before) + price;
        event.decided_by = {{"probe_change", event.d, 0.0}, {"learning_rate", rate, near}};
        event.text = fmt::format(
            "Ten steps of {:.3g} of the centres of {} {}: {} on the probe rows went from {:.4g} to "
            "{:.4g}.",
            rate, draft_.registry.hierarchy.levels[l].name, kept ? "were kept" : "were undone",
            kMeasure, before, after);
        if (kept) {
            event.before = event.after = farthest(splats, stepped);
            write_level(draft_, stepped);
            draft_.settled_levels.push_back(l);
            draft_.gain_adjust += draft_.registry.hierarchy.share(l) * event.d;
            probe_[l] = after;
        } else {
            for (const SplatId id : splats.id) draft_.state.moments.erase(id);
        }
        draft_.events.push_back(std::move(event));
    }

    // The next level in turn that has something of this kind to propose tries it; false when none
    // has.
    bool try_in_turn(EventKind kind) {
        for (std::size_t tried = 0; tried < order_.size(); ++tried) {
            const std::size_t l = order_[turn_ % order_.size()];
            ++turn_;
            if (!quotas_.open(kind, l)) continue;
            work_.check();
            const LevelSplats splats = level_splats(draft_.registry, l);
            const std::size_t most = draft_.most_splats(l, input_.coordinates.size());
            if (kind == EventKind::birth && splats.size() >= most) continue;
            const Eligibility eligible{draft_.registry,
                                       draft_.busy,
                                       draft_.state.cooldowns,
                                       draft_.cycle,
                                       {draft_.state.signals, input_.settings.smoothing}};
            std::optional<CoverageProposal> made =
                kind == EventKind::death ? propose_covering_death(levels_[l], splats, eligible)
                                         : propose_covering_birth(levels_[l], splats, eligible);
            if (!made) continue;
            hold_against(input_.settings, draft_.state.thresholds, draft_.plan.reasons(),
                         made->proposal);
            quotas_.tried(kind, l);
            ++counts_.tried[turn_of(kind)];
            const double lambda =
                at_level(input_.settings, draft_.registry.hierarchy.levels[l].name).lambda;
            const TrialOutcome outcome = weigh(levels_[l], draft_.registry, splats, *made,
                                               made->proposal.threshold_factor * lambda, probe_[l]);
            if (record_trial(input_, draft_, made->proposal, outcome, probe_[l], lambda,
                             kMeasure)) {
                quotas_.accepted(l);
                ++counts_.accepted[turn_of(kind)];
                probe_[l] += outcome.probe_change;
            }
            return true;
        }
        return false;
    }

    const AdaptInput& input_;
    Draft& draft_;
    const Work& work_;
    Quotas quotas_;
    KindCounts counts_;
    std::vector<LevelCoverage> levels_;
    std::vector<double> probe_;  // [levels] minus log-coverage of V
    std::vector<std::size_t> order_;
    std::size_t turn_ = 0;
};

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
    CoverageCycle(backend, input, draft, work).run();
}

}  // namespace hsa
