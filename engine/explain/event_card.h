#pragma once

#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/explain/cards.h"
#include "engine/model/mark.h"
#include "engine/snapshot.h"

#include <cstddef>
#include <vector>

namespace hsa {

// What an accepted event changed: the 20 rows of A that differ most before and after it, by L1,
// falling; at the temperature of the snapshot, nothing muted. Empty for refused trials and for the
// first cycle, before which the history has no registry.
struct EventCard {
    std::size_t index = 0;
    std::vector<ChangedRow> changed_rows;
    Mark mark = Mark::exact;  // approximate: the search stopped early, or nothing came before
};
[[nodiscard]] EventCard event_card(const Snapshot& snapshot, std::size_t index, Backend& backend,
                                   const Work& work);

}  // namespace hsa
