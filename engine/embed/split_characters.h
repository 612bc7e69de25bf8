#pragma once

#include "engine/core/work.h"
#include "engine/model/dataset.h"

#include <memory>
#include <string>

namespace hsa {

// One token a character as a person counts them (a letter with its accents, an emoji of several
// parts), white space included; types are characters as they are written. Structure as split_words
// has it. `text` is valid UTF-8. Throws Error for a text of more than 2 GB.
[[nodiscard]] Dataset split_characters(const std::string& source,
                                       std::shared_ptr<const std::string> text, const Work& work);

// One token a byte. The span of a byte inside a character is the whole character, so that nothing
// drawn or written is cut inside it; its type is named "<0xE4>".
[[nodiscard]] Dataset split_bytes(const std::string& source,
                                  std::shared_ptr<const std::string> text, const Work& work);

}  // namespace hsa
