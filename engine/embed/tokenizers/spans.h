#pragma once

#include "engine/embed/tokenizers/mapped_text.h"

#include <string_view>

namespace hsa {

// A span of `text` without the white space at its ends, unless it is nothing else.
[[nodiscard]] Bytes trimmed(std::string_view text, Bytes span);

}  // namespace hsa
