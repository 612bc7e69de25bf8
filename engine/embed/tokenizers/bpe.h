#pragma once

#include "engine/embed/tokenizers/vocabulary.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hsa {

// Two pieces that become one; the earlier of a list first.
using Merges = std::vector<std::pair<std::string, std::string>>;

struct BpeOptions {
    bool byte_level = true;    // the vocabulary writes every byte as a letter of its own ("Ġ")
    bool whole_words = false;  // a word that is a piece is that piece, whatever the merges say
    std::optional<std::string> unknown;  // for what has no piece; without it that is left out
    bool fuse_unknown = false;           // several in a row are one
};

// Byte-pair encoding: of the pairs of neighbours in a word the one that was learnt first becomes
// one piece, leftmost first, until there is none. Throws Error naming `where` for a merge of what
// is no piece or into none.
[[nodiscard]] std::shared_ptr<const PieceModel> bpe_model(
    const std::string& where, std::shared_ptr<const Vocabulary> vocabulary, const Merges& merges,
    const BpeOptions& options);

// The letter that stands for a byte: itself where it can be seen, else from U+0100 on.
[[nodiscard]] std::int32_t letter_of_byte(unsigned char byte);
// The bytes of a piece written in these letters; nothing where another letter is in it.
[[nodiscard]] std::optional<std::string> bytes_of_letters(std::string_view piece);

}  // namespace hsa
