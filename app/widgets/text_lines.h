#pragma once

#include "app/render/canvas.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace splatscope {

// The text broken at blanks into lines no wider than `width`, at most `most` of them (0: any
// number); what does not fit ends in an ellipsis. A single word that is too wide is cut.
[[nodiscard]] std::vector<std::string> broken_lines(const Canvas& canvas, std::string_view text,
                                                    const TextStyle& style, float width,
                                                    std::size_t most = 0);

// The longest end of a text, from a blank on, that fits `width` after an ellipsis: "… by the
// lighthouse"; the whole text where it fits, nothing where not even its last word does.
[[nodiscard]] std::string fit_end(const Canvas& canvas, std::string_view text,
                                  const TextStyle& style, float width);

// Names cut to `width` that stay apart: where two would be cut to the same start, their ends are
// kept.
[[nodiscard]] std::vector<std::string> fit_apart(const Canvas& canvas,
                                                 const std::vector<std::string>& names,
                                                 const TextStyle& style, float width);

// Text that reads on `background`: dark on light colours, light on dark ones.
[[nodiscard]] Colour readable_on(Colour background);

}  // namespace splatscope
