#pragma once

#include "app/render/canvas.h"

#include <cstdint>
#include <string_view>

namespace splatscope {

enum class ColourMapName : std::uint8_t { viridis, cividis, magma, grey, puor, twilight };

// The colour at t in 0..1 (clamped); 256 steps, the same table for pixels and for the drawn bar.
[[nodiscard]] Colour colour_at(ColourMapName map, double t);
[[nodiscard]] const char* name_of(ColourMapName map);

}  // namespace splatscope
