#pragma once

#include "engine/attention/cells.h"
#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/explain/cards.h"
#include "engine/model/mark.h"
#include "engine/snapshot.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace hsa {

// A as an accepted event found it and as it left it, at the temperature of the snapshot, nothing
// muted. Null factors for refused trials, for events that changed no splat, and for the first
// cycle, before which the history has no registry.
struct EventFactors {
    std::size_t index = 0;
    std::shared_ptr<const Factors> before, after;
    std::shared_ptr<const TileSums> sums_before, sums_after;  // by add_event_sums

    [[nodiscard]] bool any() const { return before != nullptr; }
};
[[nodiscard]] EventFactors event_factors(const Snapshot& snapshot, std::size_t index,
                                         Backend& backend, const Work& work);
// What pictures of both need.
void add_event_sums(EventFactors& factors);

// The 20 rows of A that differ most before and after an event, by L1, falling.
struct EventCard {
    std::size_t index = 0;
    std::vector<ChangedRow> changed_rows;
    Mark mark = Mark::exact;  // approximate: the search stopped early, or nothing came before
};
[[nodiscard]] EventCard event_card(const Snapshot& snapshot, const EventFactors& factors,
                                   const Work& work);

}  // namespace hsa
