#pragma once

#include "app/render/camera.h"
#include "app/views/view.h"

#include <vector>

namespace splatscope {

// A cube at the top right that lies as the scene does. A click on a face looks along its axis from
// that side; the face's number is the axis, with a minus where it is looked at from behind. Not in
// pictures, and not where there is no room.
void draw_cube(Canvas& canvas, const ViewContext& context, const OrbitCamera& camera,
               const Pointer& pointer, Drawn& drawn, std::vector<Rect>& plates);

}  // namespace splatscope
