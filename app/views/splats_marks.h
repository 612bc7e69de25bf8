#pragma once

#include "app/views/splats_scene.h"

#include <span>
#include <vector>

namespace splatscope {

// Lines and words at the splats, over the picture.

// Outlines of the lit bodies in the accent colour; in the style `rings` of all bodies. The middles
// as the signs of their levels: in `centres` of all bodies, else small ones of those that have
// room, lit and near ones first; where those stand comes back.
std::vector<Rect> draw_outlines(Canvas& canvas, const ViewContext& context,
                                const SplatsScene& scene, const OrbitCamera& camera);
// The tokens that are asked about as dots and those that answer (LookResult::asked) as rings, over
// everything that lies before them; no dots where more than 200 are asked.
void draw_asked(Canvas& canvas, const ViewContext& context, const OrbitCamera& camera);
// Places of the bodies for the hit list, and names of some: what is lit, else the most used of the
// coarsest levels that are shown. Names never lie over another text or a plate, and over one of
// the `signs` of levels only where what is lit has no other room.
void draw_names(Canvas& canvas, const ViewContext& context, const SplatsScene& scene,
                const OrbitCamera& camera, std::span<const Rect> plates,
                std::span<const Rect> signs, Drawn& drawn);

}  // namespace splatscope
