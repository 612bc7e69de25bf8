#include "engine/explain/lineage.h"

#include "engine/core/error.h"
#include "engine/explain/answer_parts.h"

#include <algorithm>
#include <map>
#include <set>

namespace hsa {
namespace {

using nlohmann::json;

bool holds(const std::vector<SplatId>& ids, SplatId id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

std::vector<SplatId> without(const std::vector<SplatId>& ids, const std::vector<SplatId>& others) {
    std::vector<SplatId> left;
    for (const SplatId id : ids)
        if (!holds(others, id)) left.push_back(id);
    return left;
}

// Of one splat came others, or one of others.
bool passes_on(EventKind kind) {
    return kind == EventKind::mitosis || kind == EventKind::split || kind == EventKind::merge ||
           kind == EventKind::join;
}

bool ends_splats(EventKind kind) {
    return passes_on(kind) || kind == EventKind::death || kind == EventKind::remove;
}

// Whose delta must be looked into: their events name what they were about, not what came or went.
bool may_exchange(EventKind kind) { return kind == EventKind::repair || kind == EventKind::level; }

class LineageReader {
  public:
    explicit LineageReader(const History& history) {
        if (history.cycles.empty()) return;
        begin(*history.cycles.front());
        std::size_t index = 0;
        for (const auto& cycle : history.cycles)
            for (const Event& event : cycle->events) take(event, index++);
        name_levels(*history.cycles.back());
    }

    [[nodiscard]] Lineage lineage() const {
        Lineage made;
        made.lives.reserve(lives_.size());
        for (const auto& [id, life] : lives_) made.lives.push_back(life);
        return made;
    }

  private:
    // The splats of the start: those that cycle 0 has but for what edits in it made, and those that
    // these took away.
    void begin(const Cycle& first) {
        if (!first.state || !first.state->registry) return;
        const SplatRegistry& registry = *first.state->registry;
        std::set<SplatId> there(registry.id.begin(), registry.id.end());
        for (auto event = first.events.rbegin(); event != first.events.rend(); ++event) {
            if (!event->accepted || event->kind == EventKind::initialise ||
                event->kind == EventKind::open)
                continue;
            for (const SplatId id : without(event->after, event->before)) there.erase(id);
            for (const SplatId id : event->delta.removed) there.insert(id);
        }
        for (const SplatId id : there) {
            const std::optional<std::size_t> row = registry.find(id);
            start(id, row ? registry.hierarchy.levels[registry.level[*row]].name : std::string());
        }
        if (!first.events.empty()) initial_kind_ = first.events.front().kind;
        for (auto& [id, life] : lives_) life.began.kind = initial_kind_;
    }

    Life& start(SplatId id, const std::string& level) {
        Life& life = lives_[id];
        life.id = id;
        life.level = level;
        life.began.kind = initial_kind_;
        return life;
    }

    void take(const Event& event, std::size_t index) {
        if (!event.accepted || event.kind == EventKind::adjust ||
            event.kind == EventKind::initialise || event.kind == EventKind::open)
            return;
        std::vector<SplatId> gone = event.delta.removed;
        if (ends_splats(event.kind)) gone = without(event.before, event.after);
        std::vector<SplatId> came;
        for (const SplatId id : without(event.after, event.before))
            if (lives_.count(id) == 0) came.push_back(id);
        if (may_exchange(event.kind))
            for (const Splat& splat : event.delta.written.unpack())
                if (lives_.count(splat.id) == 0 && !holds(came, splat.id)) came.push_back(splat.id);
        const bool passes = passes_on(event.kind);
        for (const SplatId id : gone) {
            if (lives_.count(id) == 0) start(id, event.level_name);
            LifeEnd end{event.cycle, event.kind, index, {}};
            if (passes) end.others = came;
            lives_[id].ended = std::move(end);
            if (lives_[id].level.empty()) lives_[id].level = event.level_name;
        }
        for (const SplatId id : came) {
            Life& life = start(id, event.level_name);
            life.began = {event.cycle, event.kind, index, {}};
            if (passes) life.began.others = gone;
        }
    }

    // Levels get other names; those of now say more about the splats of now.
    void name_levels(const Cycle& last) {
        if (!last.state || !last.state->registry) return;
        const SplatRegistry& registry = *last.state->registry;
        for (std::size_t row = 0; row < registry.size(); ++row) {
            const auto life = lives_.find(registry.id[row]);
            if (life != lives_.end())
                life->second.level = registry.hierarchy.levels[registry.level[row]].name;
        }
    }

    std::map<SplatId, Life> lives_;
    EventKind initial_kind_ = EventKind::initialise;
};

// Everything that is reached from `id` by `next`, without itself.
template <class Next>
std::vector<SplatId> reached(const Lineage& lineage, SplatId id, const Next& next) {
    std::set<SplatId> found;
    std::vector<SplatId> open = {id};
    while (!open.empty()) {
        const Life* life = lineage.find(open.back());
        open.pop_back();
        if (life == nullptr) continue;
        for (const SplatId other : next(*life))
            if (other != id && found.insert(other).second) open.push_back(other);
    }
    return {found.begin(), found.end()};
}

json end_json(const LifeEnd& end, const char* others) {
    json made = {{"cycle", end.cycle}, {"kind", name_of(end.kind)}, {"event", nullptr}};
    if (end.event) made["event"] = *end.event;
    made[others] = end.others;
    return made;
}

json life_json(const Life& life) {
    json made = {
        {"splat", life.id}, {"level", life.level}, {"began", end_json(life.began, "from")}};
    made["ended"] = life.ended ? end_json(*life.ended, "into") : json(nullptr);
    return made;
}

json lives_json(const Lineage& lineage, const std::vector<SplatId>& ids) {
    json list = json::array();
    for (const SplatId id : ids) list.push_back(life_json(*lineage.find(id)));
    return list;
}

}  // namespace

const Life* Lineage::find(SplatId id) const {
    const auto place =
        std::lower_bound(lives.begin(), lives.end(), id,
                         [](const Life& life, SplatId key) { return life.id < key; });
    return place == lives.end() || place->id != id ? nullptr : &*place;
}

std::vector<SplatId> Lineage::ancestors(SplatId id) const {
    return reached(*this, id, [](const Life& life) { return life.began.others; });
}

std::vector<SplatId> Lineage::descendants(SplatId id) const {
    return reached(*this, id, [](const Life& life) {
        return life.ended ? life.ended->others : std::vector<SplatId>();
    });
}

Lineage lineage_of(const History& history) { return LineageReader(history).lineage(); }

json answer_lineage(const Snapshot& snapshot, SplatId splat) {
    const Lineage lineage = snapshot.history ? lineage_of(*snapshot.history) : Lineage{};
    const Life* life = lineage.find(splat);
    if (life == nullptr)
        fail(
            "explain.lineage: no cycle had a splat {}: {} splats have been there so far, with ids "
            "up to {}.",
            splat, lineage.lives.size(), lineage.lives.empty() ? 0 : lineage.lives.back().id);
    json answer = result_json("explain.lineage", Mark::exact);
    answer.update(life_json(*life));
    answer["ancestors"] = lives_json(lineage, lineage.ancestors(splat));
    answer["descendants"] = lives_json(lineage, lineage.descendants(splat));
    return answer;
}

}  // namespace hsa
