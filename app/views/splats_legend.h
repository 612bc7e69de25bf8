#pragma once

#include "app/views/splats_scene.h"

#include <span>
#include <vector>

namespace splatscope {

// What stands still over the 3-D picture. Every part lies on a plate of the panel's colour, so
// that it can be read whatever is drawn below it; `plates` gets their places.

// A plate for words: drawn, and added to `plates`.
void draw_plate(Canvas& canvas, const Theme& theme, const Rect& place, std::vector<Rect>& plates);

// Where legend, axes and scale bar lie, in logical pixels from the corner of the canvas; the two
// latter as one place at the left. Empty places are left out.
[[nodiscard]] std::vector<Rect> taken_places(const Canvas& canvas, const ViewContext& context,
                                             const SplatsScene& scene);
// Logical pixels at the right by which the middle of the camera moves to the left, so that a ball
// which fills the height lies clear of the legend; 0 where that would take too much.
[[nodiscard]] float legend_margin(const Canvas& canvas, std::span<const Rect> taken);
// Levels with the count of their splats, lower right; a click shows or hides one. Above them what
// the colours of the points mean, where there is room.
void draw_legend(Canvas& canvas, const ViewContext& context, const SplatsScene& scene,
                 const Pointer& pointer, Drawn& drawn, std::vector<Rect>& plates);
// The three axes as they lie, lower left, with the share of the variance that each explains, and
// with the side of the ground's squares where there is no room for a scale bar. Returns where the
// place for others begins, from the left.
float draw_axes(Canvas& canvas, const ViewContext& context, const SplatsScene& scene,
                const OrbitCamera& camera, std::vector<Rect>& plates);
// A bar of a round length beside the axes, with the side of the ground's squares. In perspective
// the length is that in the depth of the camera's pivot. Nothing without a ground.
void draw_scale_bar(Canvas& canvas, const ViewContext& context, const SplatsScene& scene,
                    const OrbitCamera& camera, float left, std::vector<Rect>& plates);
// At the top: how many of the splats that are drawn are cut by the picture's borders or lie
// outside, where there are any; a click frames them. Not in a picture whose camera was placed by
// hand. Below it why trails that are wanted are missing.
void draw_notes(Canvas& canvas, const ViewContext& context, const SplatsScene& scene,
                const OrbitCamera& camera, const Pointer& pointer, Drawn& drawn,
                std::vector<Rect>& plates);

}  // namespace splatscope
