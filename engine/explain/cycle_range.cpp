#include "engine/explain/cycle_range.h"

#include "engine/core/error.h"
#include "engine/core/json_number.h"
#include "engine/explain/answer_parts.h"

#include <algorithm>
#include <numeric>

namespace hsa {
namespace {

using nlohmann::json;

bool counts_as_event(EventKind kind) {
    return kind != EventKind::initialise && kind != EventKind::open;
}

void add(Tried& sum, const Tried& more) {
    sum.tried += more.tried;
    sum.accepted += more.accepted;
}

json tried_json(const Tried& tried) {
    return {{"tried", tried.tried}, {"accepted", tried.accepted}};
}

json change_json(double before, double after) {
    return {{"before", json_number(before)},
            {"after", json_number(after)},
            {"change", json_number(after - before)}};
}

std::size_t total(const std::vector<std::size_t>& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::size_t{0});
}

}  // namespace

Tried CycleRange::of_kind(EventKind kind) const {
    Tried sum;
    const auto found = counts.find(kind);
    if (found == counts.end()) return sum;
    for (const auto& [level, tried] : found->second) add(sum, tried);
    return sum;
}

Tried CycleRange::of_level(const std::string& level) const {
    Tried sum;
    for (const auto& [kind, levels_of_kind] : counts) {
        const auto found = levels_of_kind.find(level);
        if (kind != EventKind::adjust && found != levels_of_kind.end()) add(sum, found->second);
    }
    return sum;
}

CycleRange cycle_range(const History& history, Range cycles) {
    const std::size_t count = history.cycles.size();
    if (cycles.begin >= cycles.end || cycles.begin >= count)
        fail("Cycles {}:{} were asked for; cycles 0 to {} have run.", cycles.begin, cycles.end,
             history.last());
    CycleRange made;
    made.cycles = {cycles.begin, std::min(cycles.end, count)};
    made.before = history.cycles[cycles.begin > 0 ? cycles.begin - 1 : 0]->measures;
    made.after = history.cycles[made.cycles.end - 1]->measures;
    made.levels = made.after.level_names;
    for (std::size_t c = made.cycles.begin; c < made.cycles.end; ++c) {
        const Cycle& cycle = *history.cycles[c];
        made.gain_adjust += cycle.measures.gain_adjust;
        made.gain_structure += cycle.measures.gain_structure;
        for (const Event& event : cycle.events) {
            if (!counts_as_event(event.kind)) continue;
            const Tried one{1, event.accepted ? 1U : 0U};
            add(made.counts[event.kind][event.level_name], one);
            if (event.kind != EventKind::adjust) add(made.all, one);
            if (!event.level_name.empty() && std::find(made.levels.begin(), made.levels.end(),
                                                       event.level_name) == made.levels.end())
                made.levels.push_back(event.level_name);
        }
    }
    return made;
}

json answer_cycles(const Snapshot& snapshot, Range cycles) {
    if (!snapshot.history || snapshot.history->cycles.empty())
        fail("explain.cycles: no cycle has run yet: open a text or an embedding file first.");
    const CycleRange range = cycle_range(*snapshot.history, cycles);
    json answer = result_json("explain.cycles", Mark::exact);
    answer["cycles"] = range_json(range.cycles);
    answer.update(tried_json(range.all));
    json kinds = json::object();
    for (const auto& [kind, levels] : range.counts) {
        json own = tried_json(range.of_kind(kind));
        for (const auto& [level, tried] : levels)
            if (!level.empty()) own["levels"][level] = tried_json(tried);
        kinds[name_of(kind)] = std::move(own);
    }
    answer["kinds"] = std::move(kinds);
    json levels = json::object();
    for (const std::string& level : range.levels) levels[level] = tried_json(range.of_level(level));
    answer["levels"] = std::move(levels);
    answer["objective"] = change_json(range.before.objective, range.after.objective);
    answer["objective"]["by_adjust"] = json_number(range.gain_adjust);
    answer["objective"]["by_structure"] = json_number(range.gain_structure);
    answer["row_kl"] = change_json(range.before.row_kl, range.after.row_kl);
    answer["splats"] = {{"before", total(range.before.splats)},
                        {"after", total(range.after.splats)}};
    return answer;
}

}  // namespace hsa
