#pragma once

#include "app/render/canvas.h"
#include "app/views/map_viewport.h"
#include "app/views/view.h"
#include "engine/attention/strongest_blocks.h"

namespace splatscope {

// The strongest blocks of the shown part (map.jumps) as a list beside the map: how strong, the
// words of both sides; a click zooms there. As many as have room.
void draw_jump_list(Canvas& canvas, const ViewContext& context, const Rect& place,
                    const hsa::StrongestBlocks* list, const Pointer& pointer, Drawn& drawn);
// Their outlines on the map, each with its number where it covers nothing; that of the one that was
// gone to in the accent.
void draw_jump_marks(Canvas& canvas, const Theme& theme, const MapFrame& frame,
                     const hsa::StrongestBlocks& list, std::size_t gone_to);

}  // namespace splatscope
