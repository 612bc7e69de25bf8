#pragma once

#include "app/render/canvas.h"
#include "app/views/map_viewport.h"
#include "app/widgets/chips.h"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace splatscope {

// Beside the frame: of the columns above it, of the rows at its right.
struct ProfileStrips {
    Rect above, right;
};

// Where the parts of the map view stand; what has no room is left out, the map last.
struct MapLayout {
    Rect space;               // the frame lies in it
    Rect frame;               // the cells of the viewport, square
    float below = 0.0F;       // pixels below the frame for the labels of columns
    std::optional<Rect> bar;  // the colour bar; its labels stand below it
    bool caption = false;     // room for words beside the bar
    bool beside = false;      // bar (upright) and chips stand at the right of the frame
    std::vector<Rect> chips;  // one a level chip, or none
    std::optional<ProfileStrips> profiles;
    std::optional<Rect> list;   // of the strongest blocks, at the right of everything or below
    std::optional<Rect> discs;  // of mixed channels
};

inline constexpr float kBesideWidth = 132.0F;  // of bar and chips at the right

// What is to stand in the view beside the map itself.
struct MapParts {
    bool profiles = false;
    bool list = false;
    bool discs = false;
};

// The legend stands below the map, or at its right where the map is larger so.
[[nodiscard]] MapLayout map_layout(const Canvas& canvas, std::span<const Chip> chips,
                                   std::string_view caption, const MapViewport& viewport,
                                   const MapParts& parts = {});

}  // namespace splatscope
