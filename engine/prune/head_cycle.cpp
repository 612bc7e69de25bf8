#include "engine/prune/head_cycle.h"

#include "engine/adapt/adjust.h"
#include "engine/adapt/death.h"
#include "engine/adapt/draft.h"
#include "engine/adapt/level_settings.h"
#include "engine/adapt/quotas.h"
#include "engine/adapt/record.h"
#include "engine/adapt/schedule.h"
#include "engine/adapt/signals.h"
#include "engine/adapt/thresholds.h"
#include "engine/core/error.h"
#include "engine/fit/steps.h"
#include "engine/prune/head_birth.h"
#include "engine/prune/head_merge.h"
#include "engine/prune/head_mitosis.h"
#include "engine/prune/head_trial.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace hsa {
namespace {

constexpr const char* kMeasure = "row-KL";
constexpr std::size_t kSteps = 10;
constexpr std::size_t kRowsOfStep = 64;
constexpr double kOutputWeight = 1.0;  // as of a fit

// Ten steps of the fit; undone, with their moments, where row-KL on V does not drop.
double adjust_head(const HeadContext& context, double probe, Draft& draft) {
    AdjustedLevel adjusted;
    adjusted.splats = level_splats(draft.registry, 0);
    adjusted.before = probe;
    adjusted.near = level_rates(context.input.settings, draft.registry.hierarchy).front();
    adjusted.rate = std::min(draft.state.learning_rate.front(), adjusted.near);
    const FitSteps steps(context.head);
    SplatRegistry stepped = draft.registry;
    std::map<SplatId, AdamMoments> moments = draft.state.moments;
    for (std::size_t step = 0; step < kSteps; ++step) {
        context.work.check();
        const std::size_t number = static_cast<std::size_t>(context.cycle) * kSteps + step;
        const ExactRows rows = exact_rows(
            context.head, rows_of_step(context.rows.free, kRowsOfStep, context.seed, number));
        const FitGradient gradient =
            fit_gradient(context.backend, stepped, context.head, rows, kOutputWeight, context.work);
        const double norm = steps.norm(gradient);
        if (!(norm <= adjusted.gradient)) adjusted.gradient = norm;
        steps.step(gradient, adjusted.rate, stepped, moments);
    }
    adjusted.after = context.probe_kl(stepped);
    adjusted.kept = std::isfinite(adjusted.after) && adjusted.after < adjusted.before;
    adjusted.next_rate =
        next_rate(adjusted.kept, adjusted.before, adjusted.after, adjusted.rate, adjusted.near);
    draft.state.moments.clear();
    if (adjusted.kept) {
        LevelSplats after = level_splats(stepped, 0);
        adjusted.moved = farthest(adjusted.splats, after);
        adjusted.splats = std::move(after);
        draft.registry = std::move(stepped);
        draft.state.moments = std::move(moments);
    }
    return record_adjust(draft, adjusted, context.lambda);
}

// Deaths, merges, splits and births, each tried at once.
class HeadTurns {
  public:
    HeadTurns(const HeadContext& context, Draft& draft, double probe)
        : context_(context),
          draft_(draft),
          probe_(probe),
          quotas_(context.input.settings, draft.registry.hierarchy),
          pool_(measure_head(context, draw_head_pool(context), draft.registry)) {}

    double run() {
        for (const EventKind kind : kTurns)
            while (quotas_.open(kind, 0) && try_one(kind)) {
            }
        const AdaptSettings& settings = context_.input.settings;
        follow_acceptance(settings, counts_, draft_.state.thresholds);
        if (settings.smoothing > 0.0)
            note_signals(pool_.level.splats.id, pool_.level.usage, errors(), settings.smoothing,
                         draft_.state);
        return probe_;
    }

  private:
    const std::vector<double>& errors() {
        if (pool_.level.error_share.empty()) measure_errors(context_, pool_);
        return pool_.level.error_share;
    }

    std::optional<Proposal> proposed(EventKind kind, const Eligibility& eligible) {
        switch (kind) {
            case EventKind::death: return propose_death(pool_.level, eligible);
            case EventKind::merge: return propose_head_merge(context_, pool_, eligible);
            case EventKind::birth: return propose_head_birth(context_, pool_, eligible);
            default: (void)errors(); return propose_head_mitosis(context_, pool_, eligible);
        }
    }

    bool try_one(EventKind kind) {
        context_.work.check();
        const AdaptSettings& settings = context_.input.settings;
        const Eligibility eligible{draft_.registry,
                                   draft_.busy,
                                   draft_.state.cooldowns,
                                   draft_.cycle,
                                   {draft_.state.signals, settings.smoothing}};
        const bool grows = kind == EventKind::mitosis || kind == EventKind::birth;
        if (grows && draft_.registry.size() >= draft_.most_splats(0, context_.head.tokens()))
            return false;
        std::optional<Proposal> proposal = proposed(kind, eligible);
        if (!proposal) return false;
        hold_against(settings, draft_.state.thresholds, draft_.plan.reasons(), *proposal);
        quotas_.tried(kind, 0);
        ++counts_.tried[turn_of(kind)];
        const TrialOutcome outcome =
            run_head_trial(context_, pool_, draft_.registry, *proposal, probe_, trials_++);
        if (!record_trial(context_.input, draft_, *proposal, outcome, probe_, context_.lambda,
                          kMeasure))
            return true;
        quotas_.accepted(0);
        ++counts_.accepted[turn_of(kind)];
        probe_ += outcome.probe_change;
        pool_ = measure_head(context_, std::move(pool_.exact), draft_.registry);
        return true;
    }

    const HeadContext& context_;
    Draft& draft_;
    double probe_;
    Quotas quotas_;
    KindCounts counts_;
    HeadPool pool_;
    std::uint64_t trials_ = 0;
};

}  // namespace

CycleResult adapt_head_cycle(Backend& backend, const AdaptInput& input, const AdaptState& state,
                             const Work& work) {
    if (!state.registry || state.registry->form == Form::token)
        fault("a head's cycle of splats of the form token");
    Draft draft(state, state.cycle + 1);
    draft.plan = plan_structure(backend, input, draft.cycle, draft.state, work);
    const HeadContext context(backend, input, draft.registry, draft.cycle, work);
    work.report("adjusting", 0.0);
    double probe = adjust_head(context, context.probe_kl(draft.registry), draft);
    if (draft.plan.due) {
        work.report("trying events", 0.5);
        const std::vector<SplatId> before = draft.registry.id;
        probe = HeadTurns(context, draft, probe).run();
        // Those that are left have what went to take over, new ones all to learn.
        if (draft.registry.id != before)
            draft.state.learning_rate = level_rates(input.settings, draft.registry.hierarchy);
    }
    draft.state.best_kl.resize(1, probe);
    draft.state.best_kl.front() = std::min(draft.state.best_kl.front(), probe);
    Ending ending;
    ending.keep_level_shares = false;
    CycleResult result = finish_draft(backend, input, std::move(draft), ending, work);
    work.report("adapting", 1.0);
    return result;
}

}  // namespace hsa
