#include "engine/cycles.h"

#include "engine/core/error.h"
#include "engine/core/free_memory.h"
#include "engine/core/hash.h"
#include "engine/edit_failed.h"
#include "engine/load.h"
#include "engine/model/level_coordinates.h"
#include "engine/prune/head_cycle.h"
#include "engine/prune/head_edits.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kWholeStates = 32;  // the last 32 cycles and every 32nd
constexpr std::int32_t kQuietCycles = 10;

std::uint64_t hash_number(std::uint64_t value, std::uint64_t seed) {
    return hash_values(std::span<const std::uint64_t>(&value, 1), seed);
}

std::uint64_t hash_edit(const Edit& edit, std::uint64_t seed) {
    const auto kind = static_cast<std::uint64_t>(edit.kind);
    seed = hash_number(kind, seed);
    seed = hash_values(std::span<const SplatId>(edit.splats), seed);
    seed = hash_values(std::span<const Range>(edit.tokens), seed);
    seed = hash_text(edit.level, seed);
    if (changes_levels(edit.kind)) seed = hash_text(edit.other, seed);
    for (const std::string& name : edit.kept) seed = hash_text(name, seed);
    seed = hash_values(std::span<const double>(edit.values), seed);
    return edit.kind == Edit::Kind::repair ? hash_text(edit.repair, seed) : seed;
}

std::uint64_t hash_settings(const CycleSettings& settings) {
    const AdaptSettings& a = settings.adapt;
    const auto number = [](const auto& value) {
        return value ? std::to_string(*value) : std::string("auto");
    };
    const auto exact = [](const std::optional<double>& value) {
        return value ? fmt::format("{}", *value) : std::string("auto");
    };
    std::string text = fmt::format(
        "{} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}", static_cast<int>(a.preset),
        number(a.rate_death), number(a.rate_merge), number(a.rate_mitosis), number(a.rate_birth),
        number(a.max_events), a.lambda, a.trial_rows, a.probe_rows, a.learning_rate, a.cooldown,
        number(a.seed), static_cast<int>(settings.target.source), settings.target.path,
        settings.target.scale ? fmt::format("{}", *settings.target.scale) : "auto",
        settings.temperature);
    if (settings.causal) text += " causal";
    if (a.repair != AutomaticRepair::faults)
        text += fmt::format(" repair {}", static_cast<int>(a.repair));
    if (a.every != 1) text += fmt::format(" every {}", a.every);
    if (a.sparser != 0.0) text += fmt::format(" sparser {}", a.sparser);
    if (a.shift != AdaptSettings{}.shift) text += fmt::format(" shift {}", a.shift);
    if (a.thresholds != Thresholds::fixed)
        text += fmt::format(" adaptive {} {} {} {}", exact(a.target_death), exact(a.target_merge),
                            exact(a.target_mitosis), exact(a.target_birth));
    if (a.smoothing != 0.0) text += fmt::format(" smoothing {}", a.smoothing);
    if (a.from_children != 0.0) text += fmt::format(" children {}", a.from_children);
    if (a.from_parent != 0.0) text += fmt::format(" parent {}", a.from_parent);
    if (a.path_memory != 0.0) text += fmt::format(" memory {}", a.path_memory);
    if (a.density != 0.0) text += fmt::format(" density {}", a.density);
    for (const auto& [name, own] : a.level)
        text += fmt::format(" level {:?} {} {} {} {} {} {} {} {}", name, number(own.rate_death),
                            number(own.rate_merge), number(own.rate_mitosis),
                            number(own.rate_birth), number(own.max_events), exact(own.lambda),
                            exact(own.learning_rate), number(own.cooldown));
    return hash_text(text);
}

// Says which of the request's entries it was that failed.
CycleResult apply_entry(Backend& backend, const AdaptInput& input, const AdaptState& state,
                        const Request& request, const HistoryEntry& entry, const Work& work) {
    try {
        return state.registry->form == Form::token
                   ? apply_edit(backend, input, state, *entry.edit, work)
                   : apply_head_edit(backend, input, state, *entry.edit, work);
    } catch (const Error& why) {
        throw EditFailed(why, static_cast<std::size_t>(&entry - request.entries.data()));
    }
}

bool accepted_any(const Cycle& cycle, std::span<const EventKind> kinds) {
    return std::any_of(cycle.events.begin(), cycle.events.end(), [&](const Event& event) {
        return event.accepted && std::find(kinds.begin(), kinds.end(), event.kind) != kinds.end();
    });
}

bool had_structural_event(const Cycle& cycle) {
    return std::any_of(cycle.events.begin(), cycle.events.end(), [](const Event& event) {
        return event.accepted && is_structural(event.kind);
    });
}

}  // namespace

std::size_t edits_at_start(std::span<const HistoryEntry> entries) {
    return static_cast<std::size_t>(std::count_if(
        entries.begin(), entries.end(),
        [](const HistoryEntry& entry) { return entry.cycle <= 0 && entry.edit.has_value(); }));
}

struct CycleCache::Step {
    std::uint64_t hash = 0;
    CycleSettings settings;  // in force while the cycle runs
    std::vector<const HistoryEntry*> entries;
};

std::shared_ptr<const Target> CycleCache::target_for(const CycleSettings& settings) {
    const auto key = std::make_pair(settings.target, settings.causal);
    if (auto known = targets_.find(key)) return known;
    return targets_.put(key, find_target(*base_.dataset, *base_.coordinates, settings.target,
                                         base_.embed, settings.causal));
}

std::shared_ptr<const Coordinates> CycleCache::coordinates_for(const SplatRegistry& registry,
                                                               const Work& work) {
    constexpr std::size_t kKept = 4;
    if (fits_levels(*base_.coordinates, registry)) return base_.coordinates;
    const auto fits = [&](const auto& kept) { return fits_levels(*kept, registry); };
    const auto found = std::find_if(coordinates_.begin(), coordinates_.end(), fits);
    if (found != coordinates_.end()) return *found;
    std::vector<std::shared_ptr<const Coordinates>> known = {base_.coordinates};
    known.insert(known.end(), coordinates_.begin(), coordinates_.end());
    coordinates_.push_front(
        std::make_shared<const Coordinates>(hsa::coordinates_for(known, registry, work)));
    if (coordinates_.size() > kKept) coordinates_.pop_back();
    return coordinates_.front();
}

AdaptInput CycleCache::input_for(const CycleSettings& settings, std::uint64_t seed,
                                 const Coordinates& coordinates) {
    NearOptions near = base_.near;
    near.causal = near.any() && settings.causal;
    return {*base_.dataset,  coordinates, target_for(settings),
            settings.adapt,  seed,        settings.temperature,
            settings.causal, near,        base_.storage};
}

std::vector<CycleCache::Step> CycleCache::steps_of(const CycleSettings& first,
                                                   std::span<const HistoryEntry> entries,
                                                   std::size_t last, std::uint64_t splats_seed) {
    std::vector<Step> steps;
    CycleSettings settings = first;
    std::size_t next_entry = 0;
    std::uint64_t hash = hash_number(splats_seed, 0);
    for (std::size_t c = 0; c <= last; ++c) {
        Step step;
        step.settings = settings;
        hash = hash_number(hash, hash_settings(settings));
        for (; next_entry < entries.size() &&
               entries[next_entry].cycle <= static_cast<std::int32_t>(c);
             ++next_entry) {
            const HistoryEntry& entry = entries[next_entry];
            if (entry.edit) {
                hash = hash_edit(*entry.edit, hash);
                step.entries.push_back(&entry);
            }
            if (entry.settings) settings = *entry.settings;
        }
        step.hash = hash;
        steps.push_back(std::move(step));
    }
    return steps;
}

void CycleCache::adopt(const History& history, const AdaptState& last, const CycleSettings& first,
                       std::span<const HistoryEntry> entries, std::uint64_t splats_seed) {
    if (history.cycles.empty()) return;
    const std::vector<Step> steps =
        steps_of(first, entries, history.cycles.size() - 1, splats_seed);
    for (std::size_t c = 0; c < steps.size(); ++c)
        links_[steps[c].hash] = {history.cycles[c], history.cycles[c]->state};
    links_[steps.back().hash].state = std::make_shared<const AdaptState>(last);
}

CycleCache::Result CycleCache::run(Backend& backend, const Request& request, const Work& work,
                                   const std::function<void(const History&)>& finished) {
    const auto last = static_cast<std::size_t>(std::max(request.last_cycle, 0));
    const std::vector<Step> steps =
        steps_of(request.first_settings, request.entries, last, request.splats.seed);
    auto history = std::make_shared<History>();
    Result result;
    std::int32_t quiet = 0;
    for (std::size_t c = 0; c <= last; ++c) {
        auto link = links_.find(steps[c].hash);
        const bool known = link != links_.end();
        if (!known) {
            try {
                link =
                    links_.emplace(steps[c].hash, compute(backend, request, steps, c, work)).first;
            } catch (const Cancelled&) {
                if (c == 0) throw;
                result.cancelled = true;
                result.settled = true;
                break;
            }
        }
        history->cycles.push_back(link->second.cycle);
        if (!known) {
            if (const auto thinner = drop_state(steps, c))
                history->cycles[c - kWholeStates] = thinner;
            if (c % kWholeStates == 0) return_free_memory();
            finished(*history);
            const auto asked = static_cast<double>(std::max<std::size_t>(last, 1));
            work.report(fmt::format("cycle {}", c), static_cast<double>(c) / asked);
        }
        // A cycle that had no structure to try says nothing.
        const Cycle& now = *history->cycles.back();
        if (static_cast<std::int32_t>(c) > request.run_from && now.measures.structure)
            quiet = had_structural_event(now) ? 0 : quiet + 1;
        const bool met = static_cast<std::int32_t>(c) > request.run_from &&
                         accepted_any(now, request.until_events);
        if (met || (request.until_quiet && quiet >= kQuietCycles)) {
            result.settled = true;
            break;
        }
    }
    result.history = std::move(history);
    // A history that was taken over has computed nothing yet, and the measures need its target.
    (void)target_for(steps.front().settings);
    return result;
}

CycleCache::Link CycleCache::compute(Backend& backend, const Request& request,
                                     const std::vector<Step>& steps, std::size_t index,
                                     const Work& work) {
    const Step& step = steps[index];
    fresh_ = {};
    CycleResult result;
    if (index == 0) {
        const auto coordinates = coordinates_for(*base_.registry, work);
        const AdaptInput input = input_for(step.settings, request.splats.seed, *coordinates);
        result = begin_adaptation(backend, input, base_.registry, work);
    } else {
        const auto before = state_before(backend, request, steps, index, work);
        const auto coordinates = coordinates_for(*before->registry, work);
        const AdaptInput input = input_for(step.settings, request.splats.seed, *coordinates);
        result = before->registry->form == Form::token
                     ? adapt_cycle(backend, input, *before, work)
                     : adapt_head_cycle(backend, input, *before, work);
    }
    const std::size_t known = index == 0 ? std::min(base_.edits, step.entries.size()) : 0;
    for (const HistoryEntry* entry : std::span(step.entries).subspan(known)) {
        const auto coordinates = coordinates_for(*result.state.registry, work);
        const AdaptInput input = input_for(step.settings, request.splats.seed, *coordinates);
        CycleResult edited = apply_entry(backend, input, result.state, request, *entry, work);
        result.events.insert(result.events.end(), std::make_move_iterator(edited.events.begin()),
                             std::make_move_iterator(edited.events.end()));
        result.state = std::move(edited.state);
        // What the cycle did before the edit stays said.
        edited.measures.gain_adjust = result.measures.gain_adjust;
        edited.measures.gain_structure = result.measures.gain_structure;
        edited.measures.shift = result.measures.shift;
        edited.measures.structure = result.measures.structure;
        result.measures = std::move(edited.measures);
        result.factors = std::move(edited.factors);
        result.whole = std::move(edited.whole);
    }
    auto cycle = std::make_shared<Cycle>();
    cycle->number = static_cast<std::int32_t>(index);
    cycle->events = std::move(result.events);
    cycle->measures = std::move(result.measures);
    auto state = std::make_shared<const AdaptState>(std::move(result.state));
    cycle->state = state;
    cycle->registry_hash = hash_registry(*state->registry);
    fresh_ = {cycle->registry_hash, step.settings, backend.info().name, std::move(result.factors),
              std::move(result.whole)};
    return {cycle, state};
}

// The state after cycle index - 1; where it was dropped, recomputed from the last whole one before
// it.
std::shared_ptr<const AdaptState> CycleCache::state_before(Backend& backend, const Request& request,
                                                           const std::vector<Step>& steps,
                                                           std::size_t index, const Work& work) {
    Link& before = links_.at(steps[index - 1].hash);
    if (!before.state) before.state = compute(backend, request, steps, index - 1, work).state;
    return before.state;
}

// Keeps whole states where registry_at needs them and where the next step starts: the cycle that is
// kWholeStates before the last loses its own, and is returned when it did.
std::shared_ptr<const Cycle> CycleCache::drop_state(const std::vector<Step>& steps,
                                                    std::size_t last) {
    if (last < kWholeStates) return nullptr;
    const std::size_t old = last - kWholeStates;
    if (old % kWholeStates == 0) return nullptr;
    Link& link = links_.at(steps[old].hash);
    if (!link.cycle->state) return nullptr;
    auto thinner = std::make_shared<Cycle>(*link.cycle);
    thinner->state.reset();
    link.cycle = std::move(thinner);
    link.state.reset();
    return link.cycle;
}

}  // namespace hsa
