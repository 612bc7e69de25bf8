#pragma once

#include "engine/embed/tokenizers/mapped_text.h"

#include <memory>
#include <string>
#include <vector>

namespace hsa {

// Where the text may be cut so that either side gives the words that it gives in the whole.
enum class SafeCut : std::uint8_t {
    anywhere,      // before any white space
    single_blank,  // before one blank between two other characters
    never,
};

// A text on its way into words, which lie in order and apart.
struct Words {
    MappedText text;
    std::vector<Bytes> words;
    bool at_start = true;  // false where the text goes on from what was cut off before it
};

// A step that cuts words into smaller ones. Immutable.
class PreTokenizer {
  public:
    virtual ~PreTokenizer() = default;
    virtual void apply(Words& words) const = 0;
    [[nodiscard]] virtual SafeCut safe_cut() const = 0;
};
using PreTokenizers = std::vector<std::shared_ptr<const PreTokenizer>>;

// White space parts words and is left out; every punctuation mark is a word.
[[nodiscard]] std::shared_ptr<const PreTokenizer> bert_pre_tokenizer();

}  // namespace hsa
