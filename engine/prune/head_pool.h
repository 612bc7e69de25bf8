#pragma once

#include "engine/adapt/level_pool.h"
#include "engine/prune/head_context.h"

namespace hsa {

// The rows that a head's cycle measures on, and its splats there.
struct HeadPool {
    ExactRows exact;  // of the pool: rows that the fit may draw
    LevelPool level;  // P as what a splat gives outside the near set; shares of that as usage
};
[[nodiscard]] ExactRows draw_head_pool(const HeadContext& context);
[[nodiscard]] HeadPool measure_head(const HeadContext& context, ExactRows exact,
                                    const SplatRegistry& registry);

}  // namespace hsa
