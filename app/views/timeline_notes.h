#pragma once

#include "app/views/timeline_layout.h"
#include "app/views/view.h"
#include "app/widgets/axis.h"
#include "engine/explain/cycle_range.h"

namespace splatscope {

// The user's notes as flags over the plot: a pole at the cycle, and as much of the text as there is
// room for before the next flag. A click goes to the cycle.
void draw_flags(Canvas& canvas, const ViewContext& context, const TimelineLayout& layout,
                const Axis& cycles, const Pointer& pointer, Drawn& drawn);

// The selected cycles as a band through the plot.
void draw_range_band(Canvas& canvas, const ViewContext& context, const TimelineLayout& layout,
                     const Axis& cycles, hsa::Range range);

// What happened in them: objective, row-KL and splats as they were found and left, and how many
// events of each kind and level were accepted of those tried. What has no room is left out from
// below; a cross ends the selection.
void draw_range_card(Canvas& canvas, const ViewContext& context, const Rect& room,
                     const hsa::CycleRange& range, const Pointer& pointer, Drawn& drawn);

}  // namespace splatscope
