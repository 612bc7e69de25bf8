#pragma once

#include "app/render/canvas.h"
#include "app/views/view.h"
#include "app/widgets/sign.h"
#include "engine/explain/flow.h"

#include <string>
#include <vector>

namespace splatscope {

// One curve over the bins of distance.
struct DistanceCurve {
    std::string name;
    float width = 1.5F;
    std::vector<double> ratio;  // [bins] over uniform attention; NaN: none
    std::vector<double> share;  // [bins]
    Sign sign = Colour{};  // at some of the bins and before the name: told apart without colour
};

// The levels, standard attention and all splats; of one selected token its own.
[[nodiscard]] std::vector<DistanceCurve> distance_curves(const ViewContext& context,
                                                         const hsa::Flow& flow);

// Mean attention by distance over uniform attention, both axes by their logarithm; distance 0, a
// token itself, stands before 1. Below it, where there is room, the share of attention up to each
// distance.
void draw_distance_profile(Canvas& canvas, const ViewContext& context, const hsa::Flow& flow,
                           const std::vector<DistanceCurve>& curves, const Rect& bounds,
                           const Pointer& pointer, Drawn& drawn);

}  // namespace splatscope
