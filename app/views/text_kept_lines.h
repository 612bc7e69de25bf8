#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace splatscope {

// Lines of a paragraph that say something by beginning where they do, so that reading them as one
// flow would mix them up: rows of a table, items of a list, quoted and indented lines, lines after
// two blanks or a backslash at the end (Markdown), and verse: short lines a third of which
// end although the next word would still have fitted. Their first bytes, rising; the paragraph's
// first line is none of them. Prose that was wrapped at a width has none and flows.
[[nodiscard]] std::vector<std::uint32_t> kept_lines(std::string_view paragraph);

}  // namespace splatscope
