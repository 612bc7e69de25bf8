#pragma once

#include "engine/embed/tokenizers/mapped_text.h"

#include <optional>
#include <string_view>
#include <vector>

namespace hsa {

// The patterns of words that most vocabularies of bytes use, without a general machine: a
// contraction, letters, numbers, signs, blanks.
enum class WordPattern : std::uint8_t {
    gpt2,     // each with a blank before it
    numbers,  // letters with any sign before them, signs with the line ends behind, single digits
    triples,  // the same with up to three digits
};

// Which of these a regular expression is; nothing for any other.
[[nodiscard]] std::optional<WordPattern> known_pattern(std::string_view expression);

// Appends the words of text[word.begin, word.end) as the pattern cuts it: they cover it.
void scan_words(std::string_view text, Bytes word, WordPattern pattern, std::vector<Bytes>& words);

}  // namespace hsa
