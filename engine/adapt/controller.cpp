#include "engine/adapt/controller.h"

#include "engine/adapt/adjust.h"
#include "engine/adapt/coverage.h"
#include "engine/adapt/cycle_context.h"
#include "engine/adapt/draft.h"
#include "engine/adapt/level_pool.h"
#include "engine/adapt/level_settings.h"
#include "engine/adapt/level_strengths.h"
#include "engine/adapt/mend.h"
#include "engine/adapt/propose.h"
#include "engine/adapt/quotas.h"
#include "engine/adapt/record.h"
#include "engine/adapt/schedule.h"
#include "engine/adapt/shift.h"
#include "engine/adapt/thresholds.h"
#include "engine/adapt/trial.h"
#include "engine/attention/columns.h"
#include "engine/core/error.h"
#include "engine/model/key_mask.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

namespace hsa {
namespace {

constexpr const char* kMeasure = "row-KL";

void check_input(const AdaptInput& input, const SplatRegistry& registry) {
    if (input.coordinates.levels.size() < registry.hierarchy.size())
        fault("{} level coordinates for {} levels", input.coordinates.levels.size(),
              registry.hierarchy.size());
    if (input.coordinates.dimension() != registry.dimension)
        fail("The splats have {} dimensions and the data {}: open splats made for these data.",
             registry.dimension, input.coordinates.dimension());
    if (input.target && input.target->size() != input.coordinates.size())
        fail("The target has {} rows and the data {} tokens: they must be the same.",
             input.target->size(), input.coordinates.size());
}

void repair_first(Backend& backend, const AdaptInput& input, Draft& draft, const Work& work) {
    if (input.settings.repair == AutomaticRepair::off) return;
    MendScope scope;
    scope.rules_alone = input.settings.repair == AutomaticRepair::faults;
    (void)mend_draft(backend, input, scope, draft, work);
}

// Steps every level and writes down what became of it; returns each level's KL on V afterwards.
std::vector<double> adjust_levels(const CycleContext& context, Draft& draft) {
    const std::vector<AdjustedLevel> adjusted =
        adjust(context, draft.registry, draft.state.learning_rate, draft.state.best_kl,
               draft.state.moments);
    std::vector<double> probe;
    for (std::size_t l = 0; l < adjusted.size(); ++l) {
        if (adjusted[l].kept) write_level(draft, adjusted[l].splats);
        probe.push_back(record_adjust(draft, adjusted[l], context.lambda[l]));
    }
    return probe;
}

// The structural part of a cycle: proposals in turn, each tried at once, committed or left.
class StructuralTurns {
  public:
    StructuralTurns(const CycleContext& context, Draft& draft, std::vector<double> probe,
                    std::vector<Reason> brought_by)
        : context_(context),
          draft_(draft),
          probe_(std::move(probe)),
          brought_by_(std::move(brought_by)),
          quotas_(context.input.settings, draft.registry.hierarchy),
          pool_(draw_pool(context)),
          levels_(probe_.size()),
          order_(order_of_levels(probe_, draft.state.best_kl, draft.cycle)) {}

    void run() {
        for (const EventKind kind : kTurns) {
            // Every kind begins with the first level: were the turn carried on, a level that never
            // has a death to propose would keep births from another for good.
            turn_ = 0;
            while (try_in_turn(kind)) {
            }
        }
        const AdaptSettings& settings = context_.input.settings;
        follow_acceptance(settings, counts_, draft_.state.thresholds);
        if (!(settings.smoothing > 0.0)) return;
        for (std::size_t l = 0; l < probe_.size(); ++l) {
            const LevelPool& level = measured(l);
            note_signals(level.splats.id, level.usage, level.error_share, settings.smoothing,
                         draft_.state);
        }
    }

    [[nodiscard]] const std::vector<double>& probe() const { return probe_; }

  private:
    // The next level in turn that has something of this kind to propose tries it; false when none
    // has.
    bool try_in_turn(EventKind kind) {
        for (std::size_t tried = 0; tried < order_.size(); ++tried) {
            const std::size_t level = order_[turn_ % order_.size()];
            ++turn_;
            if (!quotas_.open(kind, level)) continue;
            context_.work.check();
            const bool grows = kind == EventKind::mitosis || kind == EventKind::birth;
            const std::size_t count = draft_.registry.count(level);
            if (grows && count >= draft_.most_splats(level, context_.columns.tokens)) continue;
            const Eligibility eligible{draft_.registry,
                                       draft_.busy,
                                       draft_.state.cooldowns,
                                       draft_.cycle,
                                       {draft_.state.signals, context_.input.settings.smoothing}};
            std::optional<Proposal> proposal =
                propose(kind, context_, pool_, measured(level), eligible);
            if (!proposal) continue;
            hold_against(context_.input.settings, draft_.state.thresholds, brought_by_, *proposal);
            quotas_.tried(kind, level);
            ++counts_.tried[turn_of(kind)];
            const TrialOutcome outcome =
                run_trial(context_, pool_, *levels_[level], draft_.registry, *proposal,
                          probe_[level], trials_++);
            if (record_trial(context_.input, draft_, *proposal, outcome, probe_[level],
                             context_.lambda[level], kMeasure)) {
                quotas_.accepted(level);
                ++counts_.accepted[turn_of(kind)];
                probe_[level] += outcome.probe_change;
                follow_registry(context_, pool_, draft_.registry, *levels_[level]);
            }
            return true;
        }
        return false;
    }

    LevelPool& measured(std::size_t level) {
        if (!levels_[level])
            levels_[level] = measure_level(context_, pool_, draft_.registry, level);
        return *levels_[level];
    }

    const CycleContext& context_;
    Draft& draft_;
    std::vector<double> probe_;
    std::vector<Reason> brought_by_;  // of every trial of this cycle
    Quotas quotas_;
    KindCounts counts_;
    Pool pool_;
    std::vector<std::optional<LevelPool>> levels_;
    std::vector<std::size_t> order_;
    std::size_t turn_ = 0;
    std::uint64_t trials_ = 0;
};

// A level that events changed much has new splats to fit.
void follow_structure(const AdaptInput& input, const std::vector<double>& before,
                      const std::vector<double>& after, Draft& draft) {
    const std::vector<double> near = level_rates(input.settings, draft.registry.hierarchy);
    for (std::size_t l = 0; l < after.size(); ++l)
        draft.state.learning_rate[l] =
            rate_after_events(before[l], after[l], draft.state.learning_rate[l], near[l]);
}

}  // namespace

CycleResult begin_adaptation(Backend& backend, const AdaptInput& input,
                             const std::shared_ptr<const SplatRegistry>& registry,
                             const Work& work) {
    check_input(input, *registry);
    const std::size_t levels = registry->hierarchy.size();
    AdaptState state;
    state.registry = registry;
    // Splats that were fitted are near.
    for (const double near : level_rates(input.settings, registry->hierarchy))
        state.learning_rate.push_back(registry->form == Form::token ? far_rate(near) : near);
    for (std::size_t l = 0; l < levels; ++l) state.starting_splats.push_back(registry->count(l));
    if (registry->form != Form::token) {
        // A head's loss is measured on the rows of its fit (prune/head_cycle.h).
    } else if (input.target) {
        const CycleContext context(backend, input, *registry, 0, work);
        for (std::size_t l = 0; l < levels; ++l)
            state.best_kl.push_back(context.probe_kl(level_splats(*registry, l)));
    } else {
        const Coordinates visible = visible_coordinates(input.coordinates);
        for (std::size_t l = 0; l < levels; ++l)
            state.best_kl.push_back(coverage_loss(backend, level_splats(*registry, l),
                                                  input.temperature, visible.levels[l]->view(),
                                                  work));
    }
    // What a file's splats covered is what the data of now are held against.
    if (registry->covered.size() == levels && input.temperature == 1.0)
        state.seen = seen_by(registry->covered, *registry, 1.0);
    Ending ending;
    ending.count_cycle = false;
    ending.keep_level_shares = false;
    return finish_draft(backend, input, Draft(state, 0), ending, work);
}

CycleResult adapt_cycle(Backend& backend, const AdaptInput& input, const AdaptState& state,
                        const Work& work) {
    if (!state.registry) fault("a cycle without a registry");
    check_input(input, *state.registry);
    require_form_token(*state.registry, "Adaptation");
    Draft draft(state, state.cycle + 1);
    draft.plan = plan_structure(backend, input, draft.cycle, draft.state, work);
    repair_first(backend, input, draft, work);
    const std::size_t levels = draft.registry.hierarchy.size();
    if (state.learning_rate.size() != levels || state.best_kl.size() != levels)
        fault("a state of {} learning rates for {} levels", state.learning_rate.size(), levels);
    if (input.target) {
        const CycleContext context(backend, input, draft.registry, draft.cycle, work);
        work.report("adjusting", 0.0);
        std::vector<double> probe = adjust_levels(context, draft);
        apply_level_strengths(context, {input.settings.from_children, input.settings.from_parent},
                              draft, probe);
        if (draft.plan.due) {
            work.report("trying events", 0.5);
            const std::vector<double> adjusted = probe;
            StructuralTurns turns(context, draft, std::move(probe), draft.plan.reasons());
            turns.run();
            probe = turns.probe();
            follow_structure(input, adjusted, probe, draft);
        }
        for (std::size_t l = 0; l < probe.size(); ++l)
            draft.state.best_kl[l] = std::min(draft.state.best_kl[l], probe[l]);
    } else {
        adapt_to_coverage(backend, input, draft, work);
    }
    Ending ending;
    ending.reparent = std::any_of(draft.events.begin(), draft.events.end(), [](const Event& event) {
        return event.accepted && is_structural(event.kind);
    });
    CycleResult result = finish_draft(backend, input, std::move(draft), ending, work);
    work.report("adapting", 1.0);
    return result;
}

}  // namespace hsa
