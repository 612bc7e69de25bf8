#pragma once

#include "app/render/canvas.h"
#include "app/views/text_page.h"
#include "app/views/text_tint.h"
#include "app/views/view.h"

#include <span>

namespace splatscope {

inline constexpr float kTextLegendHeight = 74.0F;

// Below the text: chips that choose the tint, and what its colours mean (a bar, the strongest
// splats of the page, the levels). Adds its hits; sends the command of one that was clicked.
void draw_text_legend(Canvas& canvas, const ViewContext& context, const Rect& place,
                      const Tinting& tinting, std::span<const TokenPlace> page,
                      const Pointer& pointer, Drawn& drawn);

}  // namespace splatscope
