#pragma once

#include "engine/embed/tokenizer.h"

#include <string>
#include <string_view>

namespace hsa {

// A vocabulary of one piece a line, the number of a piece being that of its line. `config` is what
// tokenizer_config.json beside it holds (casing, special tokens), empty where there is none: lower
// case then. Throws Error naming `path` or `config_path` for a piece twice, a vocabulary without
// the unknown piece, bytes that are not UTF-8, and a configuration that is none.
[[nodiscard]] std::shared_ptr<const Tokenizer> read_vocab_txt(const std::string& path,
                                                              std::string_view bytes,
                                                              const std::string& config_path,
                                                              std::string_view config);

}  // namespace hsa
