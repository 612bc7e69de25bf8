#pragma once

#include "app/views/splats_scene.h"

namespace splatscope {

// Everything of the 3-D view that is lines and words over the picture.

// Outlines of the lit bodies in the accent colour; in the style `rings` of all bodies, in `centres`
// their middles.
void draw_outlines(Canvas& canvas, const ViewContext& context, const SplatsScene& scene,
                   const OrbitCamera& camera);
// The tokens that are asked about as dots and those that answer (LookResult::asked) as rings, over
// everything that lies before them; nothing where more than a few are asked.
void draw_asked(Canvas& canvas, const ViewContext& context, const OrbitCamera& camera);
// Places of the bodies for the hit list, and names of some: what is lit, else the most used of the
// coarsest levels that are shown. Names never lie over another text.
void draw_names(Canvas& canvas, const ViewContext& context, const SplatsScene& scene,
                const OrbitCamera& camera, Drawn& drawn);
// Logical pixels at the right that the camera keeps clear, so that the legend covers nothing of the
// whole scene; 0 where that would take too much.
[[nodiscard]] float legend_margin(const Canvas& canvas, const ViewContext& context,
                                  const SplatsScene& scene);
// Levels with the count of their splats, lower right; a click shows or hides one. Above them what
// the colours of the points mean, where there is room.
void draw_legend(Canvas& canvas, const ViewContext& context, const SplatsScene& scene,
                 const Pointer& pointer, Drawn& drawn);
// The three axes as they lie, lower left, with the share of the variance that each explains.
void draw_axes(Canvas& canvas, const ViewContext& context, const OrbitCamera& camera);

}  // namespace splatscope
