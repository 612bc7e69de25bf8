#pragma once

#include "engine/core/range.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace splatscope {

// One line into words as a POSIX shell would: blanks part, single quotes keep everything, double
// quotes keep all but \" and \\, a backslash keeps the next character, # starts a comment at a
// word's start. Throws Error (usage) when a quote is not closed.
[[nodiscard]] std::vector<std::string> split_words(std::string_view line);

// A:B half open and 0-based; A:, :B and : run to the ends of [0, size); a lone number is one
// element. Throws Error (usage) on other text, (input) when it reaches beyond `size` or is empty.
[[nodiscard]] hsa::Range parse_range(std::string_view text, std::size_t size);

// 1600x1200, both 16 .. 16384.
struct PixelSize {
    int width = 0;
    int height = 0;
    bool operator==(const PixelSize&) const = default;
};
[[nodiscard]] PixelSize parse_size(std::string_view text);

}  // namespace splatscope
