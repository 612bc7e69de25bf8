#include "engine/adapt/mend.h"

#include "engine/adapt/adjust.h"
#include "engine/adapt/cycle_context.h"
#include "engine/adapt/faults.h"
#include "engine/adapt/initialise.h"
#include "engine/adapt/members.h"
#include "engine/adapt/mend_parts.h"
#include "engine/adapt/repair.h"
#include "engine/core/random.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace hsa {
namespace {

constexpr std::int32_t kSettling = 20;         // most adjustments of a level that is filled again
constexpr std::uint64_t kReseed = 0x72656375;  // of the draws of a level that is filled again

// What a level without splats gets: those of the initialiser, which needs one on every other level.
std::vector<Splat> new_splats(const MendInput& bench, const SplatRegistry& registry,
                              std::size_t level) {
    const std::size_t levels = registry.hierarchy.size();
    InitSettings init;
    init.counts.assign(levels, 1);
    const std::size_t wanted = level < bench.counts.size() ? bench.counts[level] : 0;
    init.counts[level] =
        wanted > 0 ? wanted : default_counts(bench.input.coordinates.size(), levels, 4096)[level];
    SplatSettings settings;
    settings.seed = random_bits(
        {adapt_seed(bench.input), kReseed, level, static_cast<std::uint64_t>(bench.cycle)});
    settings.background = registry.background_log_weight.has_value();
    if (registry.size() > 0) settings.kernel = registry.gaussians.kind[0];
    const Start start = initialise(bench.backend, bench.input.dataset, bench.input.coordinates,
                                   registry.hierarchy, init, settings, bench.work);
    // As loud beside the background that is there as beside the initialiser's.
    const float shift = registry.background_log_weight && start.registry.background_log_weight
                            ? static_cast<float>(*registry.background_log_weight -
                                                 *start.registry.background_log_weight)
                            : 0.0F;
    std::vector<Splat> made;
    for (const std::size_t row : start.registry.rows_of_level(level)) {
        made.push_back(start.registry.splat(row));
        made.back().parent = kNoSplat;
        made.back().log_amplitude += shift;
        made.back().age = 0;
    }
    return made;
}

// Adjusts the splats of one level alone, which knows no other: it catches up with those that had
// their cycles. Without a target there is nothing to adjust to.
void settle_level(const MendInput& bench, std::size_t level, SplatRegistry& registry) {
    if (!bench.input.target) return;
    SplatRegistry alone;
    alone.hierarchy.levels = {registry.hierarchy.levels[level]};
    alone.hierarchy.levels.front().weight = 1.0;
    alone.form = registry.form;
    alone.dimension = registry.dimension;
    alone.background_log_weight = registry.background_log_weight;
    alone.made_here = true;  // its share is brought about below
    const std::vector<std::size_t> rows = registry.rows_of_level(level);
    for (const std::size_t row : rows) {
        Splat splat = registry.splat(row);
        splat.level = 0;
        splat.parent = kNoSplat;
        alone.next_id = splat.id;
        alone.add(splat);
    }
    Coordinates coordinates = bench.input.coordinates;
    coordinates.levels = {bench.input.coordinates.levels[level]};
    const AdaptInput input{bench.input.dataset,  coordinates,      bench.input.target,
                           bench.input.settings, bench.input.seed, bench.input.temperature,
                           bench.input.causal};
    std::map<SplatId, AdamMoments> moments;
    double rate = far_rate(input.settings.learning_rate);
    double best = std::numeric_limits<double>::infinity();
    const std::int32_t missed = std::min(bench.cycle, kSettling);
    for (std::int32_t pass = 0; pass < missed; ++pass) {
        const CycleContext context(bench.backend, input, alone, bench.cycle * kSettling + pass,
                                   bench.work);
        AdjustedLevel adjusted = adjust(context, alone, {rate}, {best}, moments).front();
        rate = adjusted.next_rate;
        best = std::min(best, adjusted.kept ? adjusted.after : adjusted.before);
        if (!adjusted.kept) continue;
        for (std::size_t s = 0; s < rows.size(); ++s) {
            Splat splat = alone.splat(s);
            splat.centre.assign(adjusted.splats.centre.row(s).begin(),
                                adjusted.splats.centre.row(s).end());
            splat.variance.assign(adjusted.splats.variance.row(s).begin(),
                                  adjusted.splats.variance.row(s).end());
            splat.log_amplitude = adjusted.splats.log_weight[s];
            alone.assign(splat);
        }
    }
    for (std::size_t s = 0; s < rows.size(); ++s) {
        Splat splat = alone.splat(s);
        splat.level = static_cast<std::uint16_t>(level);
        splat.parent = registry.parent[rows[s]];
        registry.assign(splat);
    }
}

// Gives the splats of `ids` the parent of largest overlap.
void attach(const MendInput& bench, const std::vector<SplatId>& ids, SplatRegistry& registry) {
    const ParentOverlap overlap =
        parent_overlap(bench.backend, bench.input.coordinates, registry, bench.work);
    for (const SplatId id : ids)
        registry.parent[registry.row(id)] = overlap.parent[registry.row(id)];
}

}  // namespace

std::vector<Mended> mend_empty(const MendInput& bench, SplatRegistry& registry) {
    std::vector<Mended> done;
    for (const std::size_t level : empty_levels(registry)) {
        const std::string name = registry.hierarchy.levels[level].name;
        const std::vector<std::size_t> silent = registry.rows_of_level(level);
        Mended mended;
        mended.kind = RepairKind::empty;
        mended.level = static_cast<std::uint16_t>(level);
        mended.reasons = {{"splats", 0.0, 1.0}};
        if (!silent.empty()) {
            for (const std::size_t row : silent) registry.log_amplitude[row] = 0.0F;
            mended.before = mended.after = ids_of(registry, silent);
            mended.text = fmt::format(
                "{} repaired: none of the {} had an amplitude above 0; they are equal now.",
                splats_text(mended.after, name), silent.size());
        } else {
            for (const Splat& splat : new_splats(bench, registry, level))
                mended.after.push_back(registry.add(splat));
            mended.text = fmt::format(
                "{} was repaired: it had no splat left; the initialiser placed {} new ones, {} to "
                "{}.",
                name, mended.after.size(), mended.after.front(), mended.after.back());
        }
        done.push_back(std::move(mended));
    }
    // Shares and links when every level has splats.
    const std::size_t filled = done.size();
    for (std::size_t m = 0; m < filled; ++m) {
        const std::size_t level = done[m].level;
        settle_level(bench, level, registry);
        weigh_level(bench, level, registry);
        if (!done[m].before.empty()) continue;
        attach(bench, done[m].after, registry);
        if (level == 0) continue;
        std::vector<SplatId> children;
        for (const std::size_t row : registry.rows_of_level(level - 1)) {
            const std::optional<std::size_t> above = registry.find(registry.parent[row]);
            if (!above || registry.level[*above] != level) children.push_back(registry.id[row]);
        }
        if (children.empty()) continue;
        attach(bench, children, registry);
        done.push_back(
            {RepairKind::orphans,
             static_cast<std::uint16_t>(level - 1),
             children,
             children,
             {{"orphans", static_cast<double>(children.size()), 0.0}},
             fmt::format("{} repaired: the level above had emptied; each has the parent "
                         "of largest overlap among its new splats.",
                         splats_text(children, registry.hierarchy.levels[level - 1].name))});
    }
    return done;
}

std::vector<Mended> mend_orphans(const MendInput& bench, bool torn, SplatRegistry& registry) {
    std::vector<Mended> done;
    if (registry.hierarchy.size() < 2 || !empty_levels(registry).empty()) return done;
    std::map<std::uint16_t, std::vector<SplatId>> broken;
    for (const BrokenLink& link : broken_links(registry)) broken[link.level].push_back(link.id);
    Misplaced away;
    ParentOverlap overlap;
    if (!broken.empty() || torn)
        overlap = parent_overlap(bench.backend, bench.input.coordinates, registry, bench.work);
    std::map<std::uint16_t, std::vector<SplatId>> misled;
    if (torn) {
        away = misplaced(registry, overlap);
        for (const SplatId id : away.splats)
            if (!holds(broken[registry.level[registry.row(id)]], id))
                misled[registry.level[registry.row(id)]].push_back(id);
    }
    const auto take = [&](const std::vector<SplatId>& ids) {
        for (const SplatId id : ids)
            registry.parent[registry.row(id)] = overlap.parent[registry.row(id)];
    };
    for (const auto& [level, ids] : broken) {
        if (ids.empty()) continue;
        take(ids);
        done.push_back(
            {RepairKind::orphans,
             level,
             ids,
             ids,
             {{"orphans", static_cast<double>(ids.size()), 0.0}},
             fmt::format("{} repaired: {} no parent one level up; {} has the one of largest "
                         "overlap now.",
                         splats_text(ids, registry.hierarchy.levels[level].name),
                         ids.size() == 1 ? "it had" : "they had",
                         ids.size() == 1 ? "it" : "each")});
    }
    for (const auto& [level, ids] : misled) {
        take(ids);
        done.push_back({RepairKind::orphans,
                        level,
                        ids,
                        ids,
                        {{"misplaced_share", away.shares[level], kMostMisplaced}},
                        fmt::format("{} repaired: {:.0f} % of the level lay under parents with "
                                    "less than half the overlap of the best; each has the best "
                                    "now.",
                                    splats_text(ids, registry.hierarchy.levels[level].name),
                                    100.0 * away.shares[level])});
    }
    return done;
}

std::vector<Mended> rebalance(const MendInput& bench, SplatRegistry& registry) {
    std::vector<Mended> done;
    SplatRegistry balanced = registry;
    const Calibration found = calibrate(bench.backend, bench.input.coordinates,
                                        members_of(bench.backend, bench.input.coordinates, registry,
                                                   bench.input.temperature, bench.work),
                                        balanced, bench.work);
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l) {
        const std::vector<SplatId> ids = ids_of(registry, registry.rows_of_level(l));
        for (const SplatId id : ids)
            registry.log_amplitude[registry.row(id)] = balanced.log_amplitude[balanced.row(id)];
        done.push_back(
            {RepairKind::rebalance,
             static_cast<std::uint16_t>(l),
             ids,
             ids,
             {{"largest_deviation", found.largest_deviation, Calibration::kClose}},
             fmt::format("{} was rebalanced: every splat's usage is within {:.2g} of its share, "
                         "which goes with the root of the tokens that are nearest to it.",
                         registry.hierarchy.levels[l].name, found.largest_deviation)});
    }
    registry.background_log_weight = balanced.background_log_weight;
    return done;
}

namespace {

void write_events(const std::vector<Mended>& done, Draft& draft) {
    for (const Mended& mended : done) {
        Event event;
        event.cycle = draft.cycle;
        event.level = mended.level;
        event.kind = EventKind::repair;
        event.by = Actor::repair;
        event.before = mended.before;
        event.after = mended.after;
        event.decided_by = mended.reasons;
        event.text = mended.text;
        draft.events.push_back(std::move(event));
        if (mended.kind == RepairKind::orphans || mended.common) continue;  // all else goes on
        for (const SplatId id : mended.after) {
            draft.state.moments.erase(id);
            draft.busy.insert(id);
        }
    }
}

// Returns the splats that were put right, by level.
std::map<std::uint16_t, std::vector<SplatId>> mend_numbers(const MendInput& bench, Draft& draft) {
    const std::vector<Repair> notes = repair(bench.input.coordinates, draft.registry);
    std::map<std::uint16_t, std::vector<SplatId>> levels;
    for (const Repair& note : notes)
        if (note.id != kNoSplat) levels[note.level].push_back(note.id);
    for (const Repair& note : notes) {
        Event event;
        event.cycle = draft.cycle;
        event.level = note.level;
        event.kind = EventKind::repair;
        event.by = Actor::repair;
        event.decided_by = {{"faulty_numbers", static_cast<double>(note.numbers), 0.0}};
        if (note.id == kNoSplat) {
            event.text = fmt::format("The background was repaired: {}.", note.fault);
        } else {
            event.before = event.after = {note.id};
            event.text = fmt::format(
                "Splat {} of {} was repaired: {} ({} number{} replaced by what its level has).",
                note.id, draft.registry.hierarchy.levels[note.level].name, note.fault, note.numbers,
                note.numbers == 1 ? "" : "s");
            draft.state.moments.erase(note.id);
            draft.busy.insert(note.id);
        }
        draft.events.push_back(std::move(event));
    }
    return levels;
}

}  // namespace

std::size_t mend_draft(Backend& backend, const AdaptInput& input, const MendScope& scope,
                       Draft& draft, const Work& work) {
    const std::size_t before = draft.events.size();
    const MendInput bench{backend, input, work, draft.cycle, draft.state.starting_splats};
    const auto wanted = [&](RepairKind kind) {
        if (scope.only) return *scope.only == kind;
        if (kind == RepairKind::rebalance) return false;
        return !scope.rules_alone || kind == RepairKind::empty || kind == RepairKind::orphans;
    };
    const auto mended = mend_numbers(bench, draft);
    if (wanted(RepairKind::empty)) write_events(mend_empty(bench, draft.registry), draft);
    if (wanted(RepairKind::widths)) write_events(mend_widths(bench, draft.registry), draft);
    if (wanted(RepairKind::amplitudes)) {
        write_events(mend_amplitudes(bench, draft.registry), draft);
        // What a splat's level has is not what it had: its weight is made to give it its former
        // share, now that none beside it is too loud.
        if (!last_usage(draft.registry).empty())
            for (const auto& [level, ids] : mended) weigh_splats(bench, level, ids, draft.registry);
    }
    if (wanted(RepairKind::rebalance)) write_events(rebalance(bench, draft.registry), draft);
    if (wanted(RepairKind::orphans))
        write_events(mend_orphans(bench, !scope.rules_alone, draft.registry), draft);
    return draft.events.size() - before;
}

}  // namespace hsa
