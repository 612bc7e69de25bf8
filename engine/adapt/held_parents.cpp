#include "engine/adapt/held_parents.h"

#include <algorithm>
#include <iterator>

namespace hsa {
namespace {

// Whether a repair of links was about that splat.
bool was_attached(std::span<const Event> events, SplatId child) {
    return std::any_of(events.begin(), events.end(), [child](const Event& event) {
        const bool of_links =
            event.kind == EventKind::repair && event.accepted &&
            std::any_of(event.decided_by.begin(), event.decided_by.end(), [](const Reason& reason) {
                return reason.name == "orphans" || reason.name == "misplaced_share";
            });
        return of_links &&
               std::find(event.after.begin(), event.after.end(), child) != event.after.end();
    });
}

}  // namespace

void keep_held_parents(std::span<const Event> events, SplatRegistry& registry,
                       std::map<SplatId, SplatId>& held) {
    for (auto it = held.begin(); it != held.end();) {
        const auto& [child, parent] = *it;
        const std::optional<std::size_t> row = registry.find(child);
        const std::optional<std::size_t> above = registry.find(parent);
        const bool possible = row && above && registry.level[*above] == registry.level[*row] + 1;
        if (!possible || (registry.parent[*row] != parent && was_attached(events, child))) {
            it = held.erase(it);
            continue;
        }
        registry.parent[*row] = parent;
        ++it;
    }
}

}  // namespace hsa
