#pragma once

#include "engine/embed/tokenizers/pre_tokenizer.h"

#include <memory>
#include <string>
#include <vector>

namespace hsa {

// Appends the words that a word becomes when `fits`, apart and rising inside it, fit a pattern, or,
// with `inverted`, what lies between them does.
void split_at(Bytes word, const std::vector<Bytes>& fits, bool inverted, SplitBehaviour behaviour,
              std::vector<Bytes>& words);

// split_pre_tokenizer() by ICU's regular expressions. A text is never cut for it.
[[nodiscard]] std::shared_ptr<const PreTokenizer> regex_pre_tokenizer(const std::string& where,
                                                                      const SplitPattern& pattern);

}  // namespace hsa
