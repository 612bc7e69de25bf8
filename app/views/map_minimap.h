#pragma once

#include "app/render/canvas.h"
#include "app/views/map_pixels.h"
#include "app/views/map_viewport.h"
#include "app/views/view.h"

#include <cstddef>
#include <optional>

namespace splatscope {

// The whole map small in a corner of the frame, with what is shown; a press or drag on it moves
// there.
inline constexpr float kMinimap = 92.0F;
// Where it stands: the corner far from the diagonal; nothing in a small frame or where the whole is
// shown.
[[nodiscard]] std::optional<Rect> minimap_place(const MapFrame& frame, std::size_t tokens);
// The picture it needs.
[[nodiscard]] hsa::PictureRequest minimap_request(std::size_t rows, float scale);
// Where the viewport would be with its middle at a place of the minimap.
[[nodiscard]] MapViewport minimap_viewport(const MapViewport& shown, const Rect& place, Vec2 at,
                                           std::size_t tokens);
void draw_minimap(Canvas& canvas, const Theme& theme, const Rect& place, const Image* image,
                  const MapViewport& shown, std::size_t tokens);

}  // namespace splatscope
