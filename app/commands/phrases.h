#pragma once

#include "engine/core/range.h"
#include "engine/model/dataset.h"

#include <string>
#include <string_view>
#include <vector>

namespace splatscope {

// Every place where the words of a phrase stand one after another: ranges of tokens by where they
// begin, which overlap where the phrase overlaps itself. ASCII letters are folded; a word may be
// several tokens that touch (pieces of a vocabulary), but is a whole word of the text. Throws Error
// in the name of `command` where there are no words (usage) and where they stand nowhere.
[[nodiscard]] std::vector<hsa::Range> places_of(std::string_view command,
                                                const hsa::Dataset& dataset,
                                                const std::string& phrase);

}  // namespace splatscope
