#pragma once

#include "engine/embed/structure.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hsa {

struct Heading {
    std::size_t begin = 0;  // byte of the line
    std::string title;      // without marks; a number stays
};

// The lines that head a section (structure.h), in order. A number makes a heading where the line is
// short, stands between empty lines, goes on like a title and does not end like a sentence;
// neighbours that count on are the items of a list instead.
[[nodiscard]] std::vector<Heading> headings_of(std::string_view text,
                                               const std::vector<Line>& lines);

}  // namespace hsa
