#pragma once

#include "engine/core/range.h"

#include <cstdint>
#include <string>
#include <vector>

namespace hsa {

// What the three axes of the 3-D view are made of.
enum class AxesKind : std::uint8_t { splats, tokens, separate, between, tour };

// Tokens by a name, at the coordinates of one level.
struct AxesClass {
    std::string name;
    std::string level;          // empty or unknown: that of the choice
    std::vector<Range> tokens;  // sorted, apart
    bool operator==(const AxesClass&) const = default;
};

// Axes as a value: from the same coordinates it makes the same axes, whatever is selected later and
// whatever became of the splats since.
struct AxesChoice {
    AxesKind kind = AxesKind::splats;
    std::string level;  // whose coordinates the axes are made of; empty or unknown: second finest
    // separate: one class against the rest, or several against each other; between: from the first
    // to the second.
    std::vector<AxesClass> classes;
    std::uint64_t seed = 1;  // of the tour ...
    double second = 0.0;     // ... and where on its way
    bool operator==(const AxesChoice&) const = default;
};

}  // namespace hsa
