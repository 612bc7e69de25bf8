#pragma once

#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/explain/cards.h"
#include "engine/snapshot.h"

#include <cstddef>
#include <vector>

namespace hsa {

// What an accepted event changed: the rows of A of the tokens it names, before against after, by L1,
// falling, 20 at most; empty for refused trials and the first cycle.
struct EventCard {
    std::size_t index = 0;
    std::vector<ChangedRow> changed_rows;
};
[[nodiscard]] EventCard event_card(const Snapshot& snapshot, std::size_t index, Backend& backend,
                                   const Work& work);

}  // namespace hsa
