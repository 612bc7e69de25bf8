#include "app/views/tree_lineage_layout.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

namespace splatscope {
namespace {

using hsa::Life;
using hsa::SplatId;

// The order in which splats came.
bool came_before(const Life* a, const Life* b) {
    const auto key = [](const Life* life) {
        return std::make_tuple(life->began.cycle, life->began.event.value_or(0), life->id);
    };
    return key(a) < key(b);
}

// Splats that are related through splits and merges, each with all of its relatives among `lives`:
// lists in the order of their first.
std::vector<std::vector<const Life*>> related(const std::vector<const Life*>& lives) {
    std::map<SplatId, std::size_t> place;
    std::vector<std::size_t> head(lives.size());
    std::iota(head.begin(), head.end(), std::size_t{0});
    for (std::size_t i = 0; i < lives.size(); ++i) place[lives[i]->id] = i;
    const auto head_of = [&](std::size_t i) {
        while (head[i] != i) i = head[i] = head[head[i]];
        return i;
    };
    for (std::size_t i = 0; i < lives.size(); ++i)
        for (const SplatId from : lives[i]->began.others)
            if (const auto its = place.find(from); its != place.end()) {
                const std::size_t a = head_of(i);
                const std::size_t b = head_of(its->second);
                head[std::max(a, b)] = std::min(a, b);
            }
    std::map<std::size_t, std::vector<const Life*>> families;
    for (std::size_t i = 0; i < lives.size(); ++i) families[head_of(i)].push_back(lives[i]);
    std::vector<std::vector<const Life*>> made;
    made.reserve(families.size());
    for (auto& [first, family] : families) made.push_back(std::move(family));
    return made;
}

// The lanes of one family, from above: lane numbers in the order they are drawn, and each splat's.
struct FamilyLanes {
    std::vector<std::size_t> order;
    std::map<SplatId, std::size_t> lane;
};

FamilyLanes lanes_of(std::vector<const Life*> family) {
    std::sort(family.begin(), family.end(), came_before);
    FamilyLanes made;
    std::map<SplatId, bool> taken;  // whether its lane goes on already
    std::size_t next = 0;
    for (const Life* life : family) {
        const SplatId* free = nullptr;
        const SplatId* beside = nullptr;
        for (const SplatId& from : life->began.others) {
            if (made.lane.count(from) == 0) continue;
            if (beside == nullptr) beside = &from;
            if (free == nullptr && !taken[from]) free = &from;
        }
        if (free != nullptr) {
            taken[*free] = true;
            made.lane[life->id] = made.lane[*free];
            continue;
        }
        made.lane[life->id] = next;
        auto at = made.order.end();
        if (beside != nullptr)
            at = std::next(std::find(made.order.begin(), made.order.end(), made.lane[*beside]));
        made.order.insert(at, next++);
    }
    return made;
}

}  // namespace

std::size_t LineageLanes::lanes() const {
    std::size_t sum = 0;
    for (const LineageGroup& group : groups) sum += group.lanes;
    return sum;
}

std::size_t LineageLanes::folded() const {
    std::size_t sum = 0;
    for (const LineageGroup& group : groups) sum += group.folded;
    return sum;
}

const LineageLine* LineageLanes::find(SplatId id) const {
    const auto place =
        std::lower_bound(lines.begin(), lines.end(), id,
                         [](const LineageLine& line, SplatId key) { return line.life->id < key; });
    return place == lines.end() || place->life->id != id ? nullptr : &*place;
}

LineageLanes lineage_lanes(const hsa::Lineage& lineage, const std::vector<std::string>& levels,
                           const std::set<SplatId>& shown) {
    std::map<std::string, std::vector<const Life*>> by_level;
    std::map<std::string, std::size_t> folded;
    for (const Life& life : lineage.lives) {
        if (shown.count(life.id) > 0) by_level[life.level].push_back(&life);
        else ++folded[life.level];
    }
    LineageLanes made;
    for (const std::string& level : levels) {
        LineageGroup group{level, 0, folded[level]};
        if (by_level.count(level) == 0 && group.folded == 0) continue;
        for (const std::vector<const Life*>& family : related(by_level[level])) {
            const FamilyLanes lanes = lanes_of(family);
            std::map<std::size_t, std::size_t> place;
            for (std::size_t i = 0; i < lanes.order.size(); ++i) place[lanes.order[i]] = i;
            for (const Life* life : family)
                made.lines.push_back(
                    {life, group.lanes + place[lanes.lane.at(life->id)], made.groups.size()});
            group.lanes += lanes.order.size();
        }
        made.groups.push_back(std::move(group));
    }
    std::sort(made.lines.begin(), made.lines.end(),
              [](const LineageLine& a, const LineageLine& b) { return a.life->id < b.life->id; });
    return made;
}

std::set<SplatId> with_events(const hsa::Lineage& lineage) {
    std::set<SplatId> ids;
    for (const Life& life : lineage.lives)
        if (life.began.event || life.ended) ids.insert(life.id);
    return ids;
}

std::set<SplatId> families_of(const hsa::Lineage& lineage, const std::vector<SplatId>& ids) {
    std::set<SplatId> found;
    for (const SplatId id : ids) {
        if (lineage.find(id) == nullptr) continue;
        found.insert(id);
        for (const SplatId other : lineage.ancestors(id)) found.insert(other);
        for (const SplatId other : lineage.descendants(id)) found.insert(other);
    }
    return found;
}

std::set<SplatId> largest_families(const hsa::Lineage& lineage, const std::vector<SplatId>& first,
                                   const std::function<bool(const std::set<SplatId>&)>& fits) {
    constexpr int kMostRefused = 8;
    int refused = 0;
    std::set<SplatId> kept = families_of(lineage, first);
    std::vector<const Life*> lives;
    for (const SplatId id : with_events(lineage)) lives.push_back(lineage.find(id));
    std::vector<std::vector<const Life*>> families = related(lives);
    std::stable_sort(families.begin(), families.end(),
                     [](const auto& a, const auto& b) { return a.size() > b.size(); });
    for (const std::vector<const Life*>& family : families) {
        std::set<SplatId> more = kept;
        for (const Life* life : family) more.insert(life->id);
        if (fits(more)) kept = std::move(more);
        else if (++refused == kMostRefused) break;
    }
    return kept;
}

}  // namespace splatscope
