#pragma once

#include "engine/embed/tokenizer.h"

#include <string>
#include <string_view>

namespace hsa {

// A tokenizer.json of the Hugging Face library `tokenizers` with a model WordPiece or BPE. What
// frames a text (post_processor, truncation, padding) and decoders are left aside. Throws Error
// naming `path` and the part that is wrong, missing, or of a kind that is not understood.
[[nodiscard]] std::shared_ptr<const Tokenizer> read_tokenizer_json(const std::string& path,
                                                                   std::string_view bytes);

}  // namespace hsa
