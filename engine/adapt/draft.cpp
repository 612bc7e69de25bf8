#include "engine/adapt/draft.h"

#include "engine/adapt/cycle_context.h"
#include "engine/adapt/held_parents.h"
#include "engine/adapt/initialise.h"
#include "engine/adapt/level_settings.h"
#include "engine/adapt/measures.h"
#include "engine/adapt/narrate.h"
#include "engine/adapt/paths.h"
#include "engine/adapt/shift.h"
#include "engine/attention/near_factors.h"
#include "engine/core/error.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace hsa {
namespace {

constexpr int kLongestRest = 16;  // times the first
constexpr std::size_t kLevelLimit = 128;

bool contains(const SplatRegistry& registry, SplatId id) { return registry.find(id).has_value(); }

// The registry after one more event, of which `last` is the final one: rows in `ids` as they end,
// with a parent only where that splat exists already.
void bring_forward(const SplatRegistry& last, std::span<const SplatId> ids,
                   SplatRegistry& current) {
    for (const SplatId id : ids) {
        const std::optional<std::size_t> row = last.find(id);
        if (!row) continue;
        Splat splat = last.splat(*row);
        const std::optional<std::size_t> here = current.find(id);
        if (here) {
            if (splat.parent != kNoSplat && !contains(current, splat.parent))
                splat.parent = current.parent[*here];
            current.assign(splat);
            continue;
        }
        if (splat.parent != kNoSplat && !contains(current, splat.parent)) splat.parent = kNoSplat;
        current.next_id = id;
        current.add(splat);
    }
}

// Fills the deltas of accepted events in their order.
void write_deltas(const SplatRegistry& before, const SplatRegistry& last,
                  std::vector<Event>& events) {
    std::size_t final_event = events.size();
    for (std::size_t e = 0; e < events.size(); ++e)
        if (events[e].accepted) final_event = e;
    if (final_event == events.size()) return;
    SplatRegistry current = before;
    for (std::size_t e = 0; e <= final_event; ++e) {
        Event& event = events[e];
        if (!event.accepted) continue;
        if (e == final_event) {
            event.delta = difference(current, last);
            return;
        }
        SplatRegistry next = current;
        if (is_structural(event.kind)) {
            bring_forward(last, event.after, next);
            for (const SplatId id : event.before)
                if (!contains(last, id)) next.remove(id);
        } else {
            std::vector<SplatId> ids = event.after;
            if (event.kind != EventKind::repair) {
                ids.clear();
                for (std::size_t row = 0; row < current.size(); ++row)
                    if (current.level[row] == event.level) ids.push_back(current.id[row]);
            }
            bring_forward(last, ids, next);
        }
        event.delta = difference(current, next);
        current = std::move(next);
    }
}

CycleMeasures cycle_measures(const Measures& measures, const Draft& draft) {
    CycleMeasures kept;
    for (const LevelMeasures& level : measures.levels) {
        kept.level_names.push_back(level.name);
        kept.splats.push_back(level.splats);
        kept.usage.push_back(level.usage);
        if (level.row_kl) kept.level_row_kl.push_back(*level.row_kl);
    }
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    kept.row_kl = measures.row_kl.value_or(kNone);
    kept.objective = measures.objective.value_or(kNone);
    kept.entropy = measures.entropy_mean;
    kept.information = measures.information_total;
    kept.gain_adjust = draft.gain_adjust;
    kept.gain_structure = draft.gain_structure;
    kept.shift = draft.plan.z;
    kept.structure = draft.plan.due;
    return kept;
}

void forget_the_gone(Draft& draft) {
    AdaptState& state = draft.state;
    // What a head's splats have in common keeps its moments.
    const bool common = draft.registry.form != Form::token;
    for (auto it = state.moments.begin(); it != state.moments.end();) {
        const bool stays = contains(draft.registry, it->first) || (common && it->first == kNoSplat);
        it = stays ? std::next(it) : state.moments.erase(it);
    }
    for (auto it = state.signals.begin(); it != state.signals.end();)
        it = contains(draft.registry, it->first) ? std::next(it) : state.signals.erase(it);
    for (auto it = state.cooldowns.begin(); it != state.cooldowns.end();) {
        const std::vector<SplatId>& ids = it->first.second;
        const bool alive = std::all_of(ids.begin(), ids.end(),
                                       [&](SplatId id) { return contains(draft.registry, id); });
        it = alive ? std::next(it) : state.cooldowns.erase(it);
    }
}

// Levels whose steps were undone, or that nothing else touched: their ages, usage and offsets still
// change, and one event says so.
Event bookkeeping_event(const Draft& draft, std::size_t level, std::optional<double> offset) {
    Event event;
    event.cycle = draft.cycle;
    event.level = static_cast<std::uint16_t>(level);
    event.kind = EventKind::adjust;
    if (offset) event.decided_by = {{"offset", *offset, 0.0}};
    event.text = bookkeeping_sentence(draft.registry.hierarchy.levels[level].name, offset);
    const auto undone = std::find_if(draft.events.begin(), draft.events.end(), [&](const Event& e) {
        return e.kind == EventKind::adjust && e.level == level;
    });
    if (undone != draft.events.end())
        event.objective_before = event.objective_after = undone->objective_after;
    return event;
}

}  // namespace

Draft::Draft(const AdaptState& from, std::int32_t number)
    : state(from), registry(*from.registry), cycle(number) {
    state.cycle = number;
}

std::size_t Draft::most_splats(std::size_t level, std::size_t tokens) const {
    const std::size_t start =
        level < state.starting_splats.size() ? state.starting_splats[level] : registry.count(level);
    return std::min(std::max(2 * start, kLevelLimit), std::max<std::size_t>(tokens / 4, 1));
}

std::vector<SplatId> exchange(Draft& draft, const std::vector<SplatId>& before,
                              std::vector<Splat> after) {
    std::vector<SplatId> ids;
    for (Splat& splat : after) {
        if (!before.empty())
            splat.parent = draft.registry.parent[draft.registry.row(before.front())];
        ids.push_back(draft.registry.add(splat));
        draft.born.insert(ids.back());
    }
    for (const SplatId id : before) draft.registry.remove(id);
    draft.busy.insert(before.begin(), before.end());
    draft.busy.insert(ids.begin(), ids.end());
    return ids;
}

void write_level(Draft& draft, const LevelSplats& splats) {
    SplatRegistry& registry = draft.registry;
    for (std::size_t s = 0; s < splats.size(); ++s) {
        const std::size_t row = registry.row(splats.id[s]);
        std::copy(splats.centre.row(s).begin(), splats.centre.row(s).end(),
                  registry.gaussians.centre.row(row).begin());
        std::copy(splats.variance.row(s).begin(), splats.variance.row(s).end(),
                  registry.gaussians.variance.row(row).begin());
        registry.log_amplitude[row] = splats.log_weight[s];
    }
}

void rest(Draft& draft, const ProposalKey& key, int cooldown) {
    const int first = std::max(cooldown, 0);
    const auto [entry, fresh] = draft.state.cooldowns.try_emplace(key, Cooldown{0, first});
    entry->second.until = draft.cycle + entry->second.rest + 1;
    entry->second.rest = std::min(2 * entry->second.rest, kLongestRest * first);
}

CycleResult finish_draft(Backend& backend, const AdaptInput& input, Draft draft,
                         const Ending& ending, const Work& work) {
    const std::shared_ptr<const SplatRegistry> before = draft.state.registry;
    SplatRegistry& registry = draft.registry;
    const std::size_t levels = registry.hierarchy.size();
    const double memory = input.settings.path_memory;
    if (!(memory > 0.0)) draft.state.paths.clear();
    if (levels > 1 && memory > 0.0 && (ending.reparent || ending.count_cycle))
        reinforce_paths(backend, input.coordinates, ending.count_cycle ? memory : 1.0, registry,
                        draft.state.paths, work);
    else if (levels > 1 && ending.reparent)
        (void)assign_parents(backend, input.coordinates, registry, work);
    keep_held_parents(draft.events, registry, draft.state.held_parents);
    // A head's splats have one level, which nothing is shared with.
    const bool offset = registry.form == Form::token;
    std::vector<double> offsets(levels, 0.0);
    if (ending.keep_level_shares && registry.made_here)
        offsets = solve_level_offsets(backend, input.coordinates, registry, work);
    const FactorOptions all{input.temperature, 0, {}, input.causal, input.storage};
    Factors factors = factors_beside(backend, registry, input.coordinates, all, input.target.get(),
                                     input.near, work);
    const MeasureOptions options{adapt_seed(input), input.settings.probe_rows,
                                 level_lambdas(input.settings, registry.hierarchy),
                                 input.temperature, input.seed};
    Measures measures =
        measure(factors, registry, backend, input.coordinates, input.target.get(), options, work);
    if (ending.count_cycle) {
        for (std::size_t row = 0; row < registry.size(); ++row) {
            registry.usage_history[row].push(static_cast<float>(measures.usage[row]));
            if (draft.born.count(registry.id[row]) == 0) ++registry.age[row];
        }
        for (std::size_t l = 0; l < levels; ++l) {
            if (std::find(draft.settled_levels.begin(), draft.settled_levels.end(), l) !=
                draft.settled_levels.end())
                continue;
            const auto place =
                std::find_if(draft.events.begin(), draft.events.end(),
                             [](const Event& event) { return is_structural(event.kind); });
            draft.events.insert(
                place,
                bookkeeping_event(draft, l, offset ? std::optional(offsets[l]) : std::nullopt));
        }
    }
    for (Event& event : draft.events)
        if (offset && (event.by != Actor::user || ending.keep_level_shares) &&
            event.kind == EventKind::adjust && event.accepted && event.level < levels &&
            std::none_of(event.decided_by.begin(), event.decided_by.end(),
                         [](const Reason& reason) { return reason.name == "offset"; }))
            event.decided_by.push_back({"offset", offsets[event.level], 0.0});
    for (Event& event : draft.events)
        if (event.level_name.empty() && event.level < levels)
            event.level_name = registry.hierarchy.levels[event.level].name;
    check_invariants(registry);
    write_deltas(*before, registry, draft.events);
    forget_the_gone(draft);
    if (!(draft.state.cycle == 0 && speaks_of(draft.state.seen, registry, input.temperature)))
        remember_data(backend, input, registry, draft.state, work);
    CycleResult result;
    result.measures = cycle_measures(measures, draft);
    result.factors = std::make_shared<const Factors>(std::move(factors));
    result.whole = std::make_shared<const Measures>(std::move(measures));
    result.events = std::move(draft.events);
    result.state = std::move(draft.state);
    result.state.registry = std::make_shared<const SplatRegistry>(std::move(registry));
    return result;
}

}  // namespace hsa
