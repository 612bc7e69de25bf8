#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace splatscope {

// Lines of a paragraph, the bytes [begin, end) of a text, that say something by beginning where
// they do, so that reading them as one flow would mix them up: rows of a table, items of a list,
// quoted and indented lines, those of a code fence, lines after two blanks or a backslash at the
// end (Markdown), and verse: short lines a third of which end although the next word would still
// have fitted the longest of them, or of two the longest line of the text around. Their first bytes
// from `begin` on, rising; the paragraph's first line is none of them. Prose that was wrapped at a
// width has none and flows. `fence` is that of fence_behind() at `begin`.
[[nodiscard]] std::vector<std::uint32_t> kept_lines(std::string_view text, std::size_t begin,
                                                    std::size_t end, std::size_t fence);

// How many backticks began the code fence that is open behind the bytes [begin, end), when so many
// began the one that is open before them; 0 = none. A fence goes on over empty lines until a line
// of as many backticks alone.
[[nodiscard]] std::size_t fence_behind(std::string_view text, std::size_t begin, std::size_t end,
                                       std::size_t fence);

}  // namespace splatscope
