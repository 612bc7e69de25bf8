#pragma once

#include "app/commands/table.h"
#include "engine/model/axes.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace splatscope {

// Axes as the words of a line in a session file: "separate level Phrase class whale Phrase token
// 3:5", and back. `first`: the word to begin with. Throws Error (usage) for what is none.
[[nodiscard]] std::string axes_words(const hsa::AxesChoice& choice);
[[nodiscard]] hsa::AxesChoice read_axes(std::string_view command, const Args& args,
                                        std::size_t first);

// Adds a range; where they come in rising order each takes a moment, however many there are.
void add_range(std::vector<hsa::Range>& ranges, hsa::Range added);

}  // namespace splatscope
