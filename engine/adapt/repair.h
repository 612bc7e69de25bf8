#pragma once

#include "engine/model/coordinates.h"
#include "engine/model/event.h"

#include <string>
#include <vector>

namespace hsa {

// What was wrong with a splat, in words ("centre axis 3 is not finite"), after it was put right.
struct Repair {
    SplatId id = kNoSplat;  // kNoSplat: the background
    std::uint16_t level = 0;
    std::string fault;
    std::size_t numbers = 0;  // how many were replaced
};

// Replaces every number that breaks a rule (not finite; a variance or beta not above 0) before
// anything is measured: a centre's axis by the mean of the level's sound splats, a variance, beta
// or amplitude by their median; by the data's own mean and variance where the level has no sound
// splat.
[[nodiscard]] std::vector<Repair> repair(const Coordinates& coordinates, SplatRegistry& registry);

}  // namespace hsa
