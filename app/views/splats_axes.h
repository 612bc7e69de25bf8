#pragma once

#include "app/views/splats_scene.h"

#include <string>
#include <vector>

namespace splatscope {

// What chosen axes say of themselves over the 3-D picture: the first axis between its two ends, or
// the means of the classes, and their names where there is room. Nothing for the axes of the
// splats.
void draw_axis_lines(Canvas& canvas, const ViewContext& context, const OrbitCamera& camera);
void draw_axis_names(Canvas& canvas, const ViewContext& context, const OrbitCamera& camera,
                     std::vector<Rect>& plates);
// At the top: what the projection hides and what its numbers rest on, where there is room.
void draw_axes_note(Canvas& canvas, const ViewContext& context, std::vector<Rect>& plates);
// What the axes are, what their numbers are shares of, what they hide: for the pointer at them.
[[nodiscard]] std::string axes_tooltip(const ViewContext& context);

}  // namespace splatscope
