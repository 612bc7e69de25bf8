#pragma once

#include "engine/embed/tokenizers/vocabulary.h"

#include <memory>
#include <string>
#include <string_view>

namespace hsa {

// What a SentencePiece .model says of itself.
struct SentencePieceFile {
    std::shared_ptr<const Vocabulary> vocabulary;
    bool dummy_prefix = true;  // a text begins as if a blank stood before it
    bool blanks_cut = true;    // no piece goes on behind a blank
};

// Reads what the library is told to trust, so that no file makes it read where it should not:
// pieces (each once, with a finite score), the kind of model, the table that normalises characters.
// Throws Error naming `path` and what is wrong.
[[nodiscard]] SentencePieceFile check_sentencepiece(const std::string& path,
                                                    std::string_view bytes);

}  // namespace hsa
