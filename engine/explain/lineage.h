#pragma once

#include "engine/model/history.h"
#include "engine/snapshot.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hsa {

// Where a splat began or ended: the event, by its index in the flat list of all events (none where
// the splat was there from the start), and the splats on the event's other side, whence it came or
// what came of it.
struct LifeEnd {
    std::int32_t cycle = 0;
    EventKind kind = EventKind::initialise;
    std::optional<std::size_t> event;
    std::vector<SplatId> others;
};

// One splat over the cycles: it is there from the end of cycle began.cycle until ended->cycle.
struct Life {
    SplatId id = kNoSplat;
    std::string level;  // its name: that of now for a splat that is there, else of its birth
    LifeEnd began;
    std::optional<LifeEnd> ended;  // none while it is there
};

// Every splat that a history has had, by rising id.
struct Lineage {
    std::vector<Life> lives;

    // Null for an id that no cycle had.
    [[nodiscard]] const Life* find(SplatId id) const;
    // Those a splat came from, through splits and merges, and those that came from it, without
    // itself; by rising id.
    [[nodiscard]] std::vector<SplatId> ancestors(SplatId id) const;
    [[nodiscard]] std::vector<SplatId> descendants(SplatId id) const;
};

// From the accepted events: mitosis and split, merge and join, birth and add, death and remove, and
// what repairs and changes of levels made or took away.
[[nodiscard]] Lineage lineage_of(const History& history);

// explain.lineage: the splat's own life, its ancestors and its descendants, each with the cycle,
// kind and event of its beginning and end and the ids on the other side. Throws Error for an id
// that no cycle had.
[[nodiscard]] nlohmann::json answer_lineage(const Snapshot& snapshot, SplatId splat);

}  // namespace hsa
