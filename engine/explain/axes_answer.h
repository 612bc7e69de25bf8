#pragma once

#include "engine/snapshot.h"

#include <nlohmann/json_fwd.hpp>

namespace hsa {

// {"command": "axes", "version": 1, "mark", "kind", "name", "dimension", "level", "explained": [3],
// "explained_of", "hides", "note", "tokens", "looked_at", "shrinkage", "gap", "ratio" (null where
// the axes separate nothing), "seed", "second", "toured" (null but on a tour), "marks": [{"name",
// "at": [3]}], "axes": [3][d], "mean": [d]}. The mark is approximate where tokens were drawn.
// Throws Error where there is no layout yet.
[[nodiscard]] nlohmann::json answer_axes(const Snapshot& snapshot);

}  // namespace hsa
