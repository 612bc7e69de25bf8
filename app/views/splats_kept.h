#pragma once

#include "app/views/splats_colours.h"
#include "app/views/splats_distance.h"
#include "app/views/splats_frame.h"
#include "app/views/splats_lines.h"

namespace splatscope {

// What a scene and the next have in common: made again only where what it comes from changed.
struct SplatsKept {
    KeptFrame frame, frame_there;  // of the pose, and of the one a path leads to
    KeptColours colours;
    TrailsPast trails;
    KeptMetric metric;  // of what the pointer's words measure from
};

}  // namespace splatscope
