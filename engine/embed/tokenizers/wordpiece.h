#pragma once

#include "engine/embed/tokenizers/vocabulary.h"

#include <memory>
#include <string>

namespace hsa {

struct WordPieceOptions {
    std::string unknown = "[UNK]";
    std::string prefix = "##";       // of pieces that go on with a word
    std::size_t longest_word = 100;  // characters; longer ones are unknown
};

// The longest piece that a word begins with, then the longest of what is left, and so on; a word
// that cannot be cut like that is unknown as a whole. Throws Error naming `where` when the
// vocabulary lacks the unknown piece.
[[nodiscard]] std::shared_ptr<const PieceModel> wordpiece_model(
    const std::string& where, std::shared_ptr<const Vocabulary> vocabulary,
    const WordPieceOptions& options);

}  // namespace hsa
