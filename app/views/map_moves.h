#pragma once

#include "app/views/map_viewport.h"
#include "app/views/view.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace splatscope {

// What the pointer does to maps that show one viewport: the wheel zooms at it, a drag pans, a
// double click shows the whole.
class MapMoves {
  public:
    // `command` takes R0 R1 C0 C1, or nothing for the whole, of `tokens`; it is sent when a gesture
    // ends.
    void move(std::span<const MapFrame> frames, const Pointer& pointer, std::size_t tokens,
              std::string_view command, Drawn& drawn);

  private:
    std::optional<MapViewport> dragged_from_;
};

// The visible tokens of a frame on its pixels, `scale` a logical one, never more than cells.
[[nodiscard]] hsa::PictureRequest picture_of(const MapFrame& frame, float scale,
                                             std::size_t tokens);

}  // namespace splatscope
