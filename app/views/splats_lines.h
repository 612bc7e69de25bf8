#pragma once

#include "app/views/splats_scene.h"
#include "app/views/view.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace splatscope {

// The lines of the 3-D scene that stand between its bodies.

// From each splat that is drawn to its parent, where that is drawn too: as wide and as bright as
// the share of the splat that the parent covers; faint beside what is lit.
void add_edges(const ViewContext& context, SplatsScene& scene);

// Where the splats were in the cycles before the one shown, along the axes of one layout: what
// trails need of the past. Selecting and sliders leave it as it is.
struct TrailsPast {
    struct Then {
        std::vector<std::pair<hsa::SplatId, std::array<float, 3>>> places;  // rising ids
        // What the splats that the cycle after it made were made of.
        std::map<hsa::SplatId, std::vector<hsa::SplatId>> origins;

        [[nodiscard]] const std::array<float, 3>* place_of(hsa::SplatId id) const;
    };
    std::shared_ptr<const hsa::History> history;
    std::shared_ptr<const hsa::Layout> layout;
    std::int32_t cycle = 0;  // shown
    std::int32_t first = 0;
    std::vector<Then> then;  // of the cycles first .. cycle - 1

    // Makes it that of the snapshot, `wanted` cycles back, unless it is so already: one walk
    // forward from the last whole state before them. Needs history and layout.
    void update(const hsa::Snapshot& snapshot, std::int32_t wanted);
};

// The way of each lit splat, or of all that are drawn, over the last `view.splats.trails` cycles
// up to the one shown, back through the splats that it was made of; older is fainter. All places
// are seen along the axes of now. Adds nothing where splats are not drawn at their centres (the
// forms shared and paired) and where there are no cycles; returns why in a sentence, or "".
// `past` is brought up to date, and emptied where it is not needed.
std::string add_trails(const ViewContext& context, SplatsScene& scene, TrailsPast& past);

// A grid of squares below everything framed, faint towards its rim. Returns the side of a square:
// 1, 2 or 5 times a power of ten.
double add_ground(const ViewContext& context, SplatsScene& scene);

// The largest of 1, 2 and 5 times a power of ten that is at most `length` (> 0).
[[nodiscard]] double round_length(double length);

}  // namespace splatscope
