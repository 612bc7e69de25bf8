#pragma once

#include "engine/embed/tokenizers/pre_tokenizer.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace hsa {

// Bytes at which the parts of a text begin, 0 first: of about `bytes` bytes each, cut before white
// space as `cut` allows; fewer and longer where there is none.
[[nodiscard]] std::vector<std::size_t> safe_cuts(std::string_view text, std::size_t bytes,
                                                 SafeCut cut);

}  // namespace hsa
