#pragma once

#include "app/render/canvas.h"

#include <string_view>

struct ImFont;

namespace splatscope {

// The fonts of the program in the current ImGui context, by role: Roboto regular and bold,
// Inconsolata, Font Awesome. With `fallbacks` glyphs that they lack come from the fonts of the
// system (fontconfig), so that any script can be read in a window; pictures made without a window
// do without, so that they repeat byte for byte on every machine.
void load_fonts(bool fallbacks);
[[nodiscard]] ImFont* font_of(Font role);
// How large a text is, drawn `scale` times as large and measured in pixels of scale 1.
[[nodiscard]] Vec2 text_extent(std::string_view text, const TextStyle& style, float scale);

}  // namespace splatscope
