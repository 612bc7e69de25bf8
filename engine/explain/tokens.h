#pragma once

#include "engine/model/coordinates.h"
#include "engine/model/factors.h"
#include "engine/model/measures.h"
#include "engine/model/splat_registry.h"

#include <span>
#include <string>
#include <vector>

namespace hsa {

// A number of every token or splat, told well enough for an axis, a tooltip and a legend.
struct Property {
    std::string name;           // "entropy"
    std::string unit;           // "nats"; empty for a pure number
    std::string help;           // one sentence
    std::vector<float> values;  // [n] or [k]; NaN where there is none
};

// Of every token [n]: entropy and largest share of its P, attention received and to itself relative
// to uniform, and its weight in the recipe where it has one.
[[nodiscard]] std::vector<Property> token_properties(const Factors& factors,
                                                     const Coordinates& coordinates);

// The same without values: which there are, before any is computed.
[[nodiscard]] std::vector<Property> known_token_properties(const Coordinates& coordinates,
                                                           std::size_t tokens);

// Of every splat [k], rows of the registry: usage, information, beta, spread, age, parent share,
// trend. parent_share: [k], NaN without a parent, or empty.
[[nodiscard]] std::vector<Property> splat_properties(const SplatRegistry& registry,
                                                     const Measures& measures,
                                                     std::span<const float> parent_share);

// The splat of largest P(s|i) within each level: [levels] of [n], ties to the lower id; kNoSplat
// where the level carries nothing of the token (muted).
[[nodiscard]] std::vector<std::vector<SplatId>> dominant_splats(const Factors& factors,
                                                                std::size_t levels);

}  // namespace hsa
