#pragma once

#include "engine/attention/strongest_blocks.h"
#include "engine/snapshot.h"

#include <nlohmann/json_fwd.hpp>

namespace hsa {

// The answer of map.jumps: {"rows": [begin, end], "columns": ..., "by": "value", "blocks":
// [{"rows", "columns", "value", "times_uniform", "strength", "row_words", "column_words", "splats":
// [{splat, level, share}, three at most]}]}.
[[nodiscard]] nlohmann::json answer_strongest(const Snapshot& snapshot,
                                              const StrongestBlocks& blocks);

}  // namespace hsa
