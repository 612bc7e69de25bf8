#pragma once

#include "app/render/canvas.h"

#include <string_view>

struct ImFont;

namespace splatscope {

// The fonts of the program in the current ImGui context, by role: Roboto regular and bold,
// Inconsolata, Font Awesome; what they lack comes from DejaVu (Hebrew, Arabic, symbols), Droid Sans
// Fallback (Chinese, Japanese), Nanum (Korean) and Lohit (Devanagari), which are in the program,
// too. With `fallbacks` the fonts of the system (fontconfig) stand behind the first of these, so
// that any script can be read in a window; pictures made without a window do without, so that they
// repeat byte for byte on every machine.
void load_fonts(bool fallbacks);
[[nodiscard]] ImFont* font_of(Font role);
// How large a text is, drawn `scale` times as large and measured in pixels of scale 1.
[[nodiscard]] Vec2 text_extent(std::string_view text, const TextStyle& style, float scale);
// The same of letters that are in visual order.
[[nodiscard]] Vec2 letters_extent(std::string_view letters, const TextStyle& style, float scale);
// Whether a font of that role, or one that stands in for it, has the letter; true without fonts.
[[nodiscard]] bool has_glyph(Font role, char32_t letter);

}  // namespace splatscope
