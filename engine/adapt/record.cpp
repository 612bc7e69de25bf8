#include "engine/adapt/record.h"

#include "engine/adapt/level_settings.h"
#include "engine/adapt/narrate.h"

namespace hsa {

bool record_trial(const AdaptInput& input, Draft& draft, const Proposal& proposal,
                  const TrialOutcome& outcome, double probe, double lambda, const char* measure) {
    const std::size_t count = draft.registry.count(proposal.level);
    const bool growth = proposal.after.size() > proposal.before.size();
    const CovarianceKind kind =
        draft.registry.gaussians.kind[draft.registry.rows_of_level(proposal.level).front()];
    Event event;
    event.cycle = draft.cycle;
    event.level = static_cast<std::uint16_t>(proposal.level);
    event.kind = proposal.kind;
    event.before = proposal.before;
    event.decided_by = proposal.reasons;
    event.decided_by.push_back({growth ? "d + se" : "d + 2 se", outcome.judged, outcome.threshold});
    if (outcome.probed)
        event.decided_by.push_back({"probe_change", outcome.probe_change, outcome.probe_threshold});
    event.d = outcome.d;
    event.se = outcome.se;
    event.accepted = outcome.accepted;
    event.tokens = outcome.tokens;
    event.objective_before = probe + lambda * static_cast<double>(count);
    event.objective_after = event.objective_before;
    if (outcome.accepted) {
        event.after = exchange(draft, proposal.before, outcome.after);
        const double change =
            outcome.probe_change + lambda * (static_cast<double>(proposal.after.size()) -
                                             static_cast<double>(proposal.before.size()));
        event.objective_after += change;
        draft.gain_structure += draft.registry.hierarchy.share(proposal.level) * change;
    } else {
        const AdaptSettings own =
            at_level(input.settings, draft.registry.hierarchy.levels[proposal.level].name);
        rest(draft, proposal.key, own.cooldown);
    }
    event.text = trial_sentence(input.dataset, draft.registry.hierarchy.levels[proposal.level].name,
                                event, outcome, kind, measure);
    draft.events.push_back(std::move(event));
    return outcome.accepted;
}

double record_adjust(Draft& draft, const AdjustedLevel& adjusted, double lambda) {
    const std::size_t l = adjusted.splats.level;
    const double price = lambda * static_cast<double>(adjusted.splats.size());
    const double change = adjusted.after - adjusted.before;
    Event event;
    event.cycle = draft.cycle;
    event.level = static_cast<std::uint16_t>(l);
    event.kind = EventKind::adjust;
    event.before = event.after = adjusted.moved;
    event.decided_by = {{"probe_change", change, 0.0},
                        {"learning_rate", adjusted.rate, adjusted.near},
                        {kGradientReason, adjusted.gradient, kMostGradient}};
    event.d = change;
    event.accepted = adjusted.kept;
    event.objective_before = adjusted.before + price;
    event.objective_after = (adjusted.kept ? adjusted.after : adjusted.before) + price;
    event.text = adjust_sentence(draft.registry.hierarchy.levels[l].name, adjusted);
    draft.events.push_back(std::move(event));
    if (adjusted.kept) {
        draft.settled_levels.push_back(l);
        draft.gain_adjust += draft.registry.hierarchy.share(l) * change;
    }
    draft.state.learning_rate[l] = adjusted.next_rate;
    return adjusted.kept ? adjusted.after : adjusted.before;
}

}  // namespace hsa
