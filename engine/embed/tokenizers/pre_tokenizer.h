#pragma once

#include "engine/embed/tokenizers/mapped_text.h"

#include <memory>
#include <string>
#include <vector>

namespace hsa {

// Where a step puts ends of words whatever the text is, so that a text may be cut there before it.
enum class SafeCut : std::uint8_t {
    anywhere,      // before any white space
    single_blank,  // before one blank between two other characters
    never,
    as_others,  // nowhere, but it does not mind where others do
};

// A text on its way into words, which lie in order and apart.
struct Words {
    MappedText text;
    std::vector<Bytes> words;
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
// White space parts words and is left out.
[[nodiscard]] std::shared_ptr<const PreTokenizer> blank_pre_tokenizer();

// What becomes of the parts of a word that a pattern fits and of those between them.
enum class SplitBehaviour : std::uint8_t {
    removed,     // what fits is left out
    isolated,    // every part is a word
    with_last,   // what fits goes with the part before it
    with_next,   // ... behind it
    contiguous,  // what fits without anything between is one word
};
// Runs of numbers, or each digit, apart from the rest.
[[nodiscard]] std::shared_ptr<const PreTokenizer> digit_pre_tokenizer(bool individual);
[[nodiscard]] std::shared_ptr<const PreTokenizer> punctuation_pre_tokenizer(
    SplitBehaviour behaviour);

struct SplitPattern {
    std::string text;
    bool literal = false;   // the text itself; else a regular expression
    bool inverted = false;  // what lies between the fits counts as fitting
    SplitBehaviour behaviour = SplitBehaviour::isolated;
};
// Words by a regular expression (ICU). Throws Error naming `where` for one that is none, and, when
// used, for one that takes too long.
[[nodiscard]] std::shared_ptr<const PreTokenizer> split_pre_tokenizer(const std::string& where,
                                                                      const SplitPattern& pattern);
// The first step of a vocabulary that writes bytes as letters: a blank before a word that has none,
// and, with `split`, the words of GPT-2.
[[nodiscard]] std::shared_ptr<const PreTokenizer> byte_level_pre_tokenizer(bool prefix_blank,
                                                                           bool split);

}  // namespace hsa
