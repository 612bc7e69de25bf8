#pragma once

#include "engine/explain/level_flow.h"
#include "engine/snapshot.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>

namespace hsa {

// explain.levels as JSON: `levels` (share of attention, gate, entropy, information, unused splats,
// of a text how far it follows its `structure`, and, with a target, the row-KL of attention without
// the level beside that of the whole),
// `links` of all pairs of levels (information, kept, conditional entropy, along_tree of neighbours,
// the largest masses) and `bottleneck`. Needs data, factors and registry; throws
// Cancelled.
[[nodiscard]] nlohmann::json answer_levels(const Snapshot& snapshot, const Work& work);

// explain.paths as JSON: `gates` of the levels, the strongest `paths` up through them,
// `along_tree`, and for each level what the token `arrives` at from there. Needs factors and
// registry; throws Error when there is no such token, Cancelled.
[[nodiscard]] nlohmann::json answer_paths(const Snapshot& snapshot, std::size_t token,
                                          const Work& work);

// "Phrase to Section passes least: 41 % of what it could; 63 % of its mass goes to the parents."
// Empty with one level.
[[nodiscard]] std::string bottleneck_sentence(const LevelFlow& flow);

}  // namespace hsa
