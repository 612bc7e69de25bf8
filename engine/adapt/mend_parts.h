#pragma once

#include "engine/adapt/faults.h"
#include "engine/adapt/mend.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace hsa {

// What the repairs share.

// The strange splats of each level, rising; and the value of each level that is farthest from what
// it may be.
struct OfLevel {
    std::vector<SplatId> ids;
    double worst = 0.0;
};
[[nodiscard]] std::map<std::uint16_t, OfLevel> by_level(const std::vector<StrangeSplat>& strange);

// `ids` rising.
[[nodiscard]] bool holds(const std::vector<SplatId>& ids, SplatId id);
[[nodiscard]] std::vector<SplatId> ids_of(const SplatRegistry& registry,
                                          const std::vector<std::size_t>& rows);

// "Splats 3, 8, 9, 11 and 2 others of Token were".
[[nodiscard]] std::string splats_text(const std::vector<SplatId>& ids, const std::string& level);

// Of every splat, [k]: the usage it had in the last cycle; empty where one has no cycle behind it.
[[nodiscard]] std::vector<double> last_usage(const SplatRegistry& registry);

// Gives each of `splats` the share of its level, beside the others there, that it had in the last
// cycle; else the one that goes with the root of the tokens it is nearest to, which is what
// calibration aims at.
void weigh_splats(const MendInput& bench, std::size_t level, const std::vector<SplatId>& splats,
                  SplatRegistry& registry);

void shift_level(SplatRegistry& registry, std::size_t level, double by);
// Brings one level to its share of attention, the others staying where they are.
void weigh_level(const MendInput& bench, std::size_t level, SplatRegistry& registry);

}  // namespace hsa
