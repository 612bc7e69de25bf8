#pragma once

#include "app/views/view.h"

#include <string>
#include <vector>

namespace splatscope {

// How opaque each splat is drawn, and what that says. Never its size alone (maths.md 6).
struct SplatOpacity {
    std::vector<float> alpha;  // [k], 0..1, rows of the registry
    std::string says;          // "opacity = usage", "opacity = age, 3 to 41 cycles"; empty: nothing
};

// By the session's choice. usage, amplitude and information are held against the mean of the
// splat's level, so that coarse levels stay shells one looks through; any other property of splats
// runs from the least to the most of all, and what has no number is faintest. A name that no
// property has counts as usage, and `says` tells so. Needs a registry; without measures opacity
// says nothing.
[[nodiscard]] SplatOpacity splat_opacity(const ViewContext& context);

// What the setting may name: amplitude, alike and the properties of splats.
[[nodiscard]] std::vector<std::string> opacity_choices(const hsa::Snapshot& snapshot);

}  // namespace splatscope
