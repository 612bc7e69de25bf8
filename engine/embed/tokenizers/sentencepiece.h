#pragma once

#include "engine/embed/tokenizer.h"

#include <string>
#include <string_view>

namespace hsa {

// A SentencePiece .model of any kind (unigram, BPE, words, characters), cut by the library itself.
// Spans are of the text before the model's own normalisation. Throws Error naming `path` for a file
// that is none.
[[nodiscard]] std::shared_ptr<const Tokenizer> read_sentencepiece(const std::string& path,
                                                                  std::string_view bytes);

}  // namespace hsa
