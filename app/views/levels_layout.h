#pragma once

#include "app/render/canvas.h"
#include "engine/explain/level_flow.h"

#include <cstddef>
#include <vector>

namespace splatscope {

// The flow diagram of levels: a column of bars a level, finest at the left; a bar is a splat, as
// high as its usage within the level; a band is as wide as the mass that passes.

struct LevelBar {
    hsa::SplatId splat = hsa::kNoSplat;
    std::size_t level = 0;
    double usage = 0.0;
    Rect place;
};

struct LevelBand {
    std::size_t finer = 0;  // places in LevelsLayout::bars
    std::size_t coarser = 0;
    double mass = 0.0;
    double over_chance = 0.0;  // mass over what the usages of both alone would give
    float width = 0.0F;
    Vec2 from, to;  // the middles of its ends
};

struct LevelsLayout {
    std::vector<LevelBar> bars;      // level by level, from the top
    std::vector<LevelBand> bands;    // of neighbours, those drawn last carry most over chance
    std::vector<std::size_t> first;  // [levels + 1] places in `bars`
};

// Bars of the coarsest level stand by falling usage, those of the others where most of what they
// pass beyond chance goes. `plot`: of all columns.
[[nodiscard]] LevelsLayout levels_layout(const hsa::LevelFlow& flow, const Rect& plot,
                                         float bar_width);

// Points along the middle line of a band, level at both ends.
[[nodiscard]] std::vector<Vec2> band_line(const LevelBand& band);

}  // namespace splatscope
