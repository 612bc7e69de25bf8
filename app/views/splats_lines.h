#pragma once

#include "app/views/splats_scene.h"
#include "app/views/view.h"

#include <vector>

namespace splatscope {

// The lines of the 3-D scene that stand between its bodies.

// From each splat that is drawn to its parent, where that is drawn too: as wide and as bright as
// the share of the splat that the parent covers; faint beside what is lit.
void add_edges(const ViewContext& context, SplatsScene& scene);

// The way of each lit splat, or of all that are drawn, over the last `view.splats.trails` cycles
// up to the one shown, back through the splats that it was made of; older is fainter. All places
// are seen along the axes of now. Adds nothing where splats are not drawn at their centres (the
// forms shared and paired) and where there are no cycles; returns why in a sentence, or "".
std::string add_trails(const ViewContext& context, SplatsScene& scene);

// A grid of squares below everything framed, faint towards its rim. Returns the side of a square:
// 1, 2 or 5 times a power of ten.
double add_ground(const ViewContext& context, SplatsScene& scene);

// The largest of 1, 2 and 5 times a power of ten that is at most `length` (> 0).
[[nodiscard]] double round_length(double length);

}  // namespace splatscope
