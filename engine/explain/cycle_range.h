#pragma once

#include "engine/core/range.h"
#include "engine/model/history.h"
#include "engine/snapshot.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace hsa {

// Events that were tried and those of them that were accepted.
struct Tried {
    std::size_t tried = 0;
    std::size_t accepted = 0;
    bool operator==(const Tried&) const = default;
};

// What happened in a stretch of cycles. Initialisation and opening are no events here; the steps of
// adjust are counted by themselves, apart from what changed structure or was done by hand.
struct CycleRange {
    Range cycles;                     // half open, cut to those that ran
    std::vector<std::string> levels;  // finest first, those of the last cycle before others
    std::map<EventKind, std::map<std::string, Tried>> counts;  // by kind and level, adjust too
    Tried all;                                                 // without adjust
    // Measures as the stretch found and left them; found: after the cycle before it, or of cycle 0.
    CycleMeasures before, after;
    double gain_adjust = 0.0, gain_structure = 0.0;  // of the objective, summed over the cycles

    [[nodiscard]] Tried of_kind(EventKind kind) const;
    [[nodiscard]] Tried of_level(const std::string& level) const;  // without adjust
};

// Throws Error when none of the cycles has run.
[[nodiscard]] CycleRange cycle_range(const History& history, Range cycles);

// explain.cycles.
[[nodiscard]] nlohmann::json answer_cycles(const Snapshot& snapshot, Range cycles);

}  // namespace hsa
