#pragma once

#include "engine/adapt/controller.h"
#include "engine/adapt/level_attention.h"
#include "engine/adapt/schedule.h"
#include "engine/model/adapt_state.h"
#include "engine/model/event.h"

#include <set>
#include <string>
#include <vector>

namespace hsa {

// A cycle (or edit) in the making: copies that are dropped whole if anything throws.
struct Draft {
    Draft(const AdaptState& from, std::int32_t number);

    AdaptState state;  // registry pointer: that of before
    SplatRegistry registry;
    std::int32_t cycle = 0;
    std::vector<Event> events;                // deltas are written by finish_draft
    std::set<SplatId> busy;                   // in a plan of this cycle
    std::set<SplatId> born;                   // ids of this cycle
    std::vector<std::size_t> settled_levels;  // an accepted adjust event carries their splats
    double gain_adjust = 0.0;
    double gain_structure = 0.0;
    StructurePlan plan;

    [[nodiscard]] std::size_t most_splats(std::size_t level, std::size_t tokens) const;
};

// Exchanges splats: the new ones get ids and take the parent of the first that goes. Returns the
// ids.
std::vector<SplatId> exchange(Draft& draft, const std::vector<SplatId>& before,
                              std::vector<Splat> after);
// Writes stepped columns of a level back.
void write_level(Draft& draft, const LevelSplats& splats);
// A refused proposal rests: adapt.cooldown cycles, twice as long each time, at most sixteen times.
void rest(Draft& draft, const ProposalKey& key, int cooldown);

// Ends the cycle: parents by overlap after a structural change, one offset a level where the
// program made the registry, usage and ages, cooldowns of splats that are gone; then the delta of
// every accepted event, so that applying them in order to the registry of before gives this one bit
// for bit.
struct Ending {
    bool count_cycle = true;  // ages and usage history (not for an edit)
    bool reparent = false;
    bool keep_level_shares = true;
};
[[nodiscard]] CycleResult finish_draft(Backend& backend, const AdaptInput& input, Draft draft,
                                       const Ending& ending, const Work& work);

}  // namespace hsa
