#pragma once

#include "app/widgets/theme.h"

namespace splatscope {

// Gives Dear ImGui the colours of a theme and the spacing of the program (steps of 4 px, rounding
// 4), all times `scale`.
void apply_style(const Theme& theme, float scale);

// Begins a window above the views, with an edge that parts it from them; ImGui::End() ends it.
// False when there is nothing of it to draw. `open`: null = it has no cross.
bool begin_above(const char* title, bool* open, int flags);

}  // namespace splatscope
