#pragma once

#include "app/widgets/theme.h"

namespace splatscope {

// Gives Dear ImGui the colours of a theme and the spacing of the program (steps of 4 px, rounding
// 4), all times `scale`.
void apply_style(const Theme& theme, float scale);

}  // namespace splatscope
