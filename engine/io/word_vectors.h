#pragma once

#include "engine/core/matrix.h"

#include <string>
#include <string_view>
#include <vector>

namespace hsa {

// A vector a word, as word2vec, fastText and GloVe write them.
struct WordVectors {
    std::vector<std::string> words;  // [n] valid UTF-8
    Matrix<float> values;            // [n, d]
    std::string format;              // "word2vec text", "word2vec binary", "GloVe text"
};

// Text: a line a word, the word and d numbers parted by blanks; word2vec and fastText begin with a
// line of n and d. A word may hold blanks itself (GloVe's 840B file): the last d fields are the
// numbers; without n and d, d is the least that any of the first lines has. Binary: the line of n
// and d, then n times the word, a blank and d little-endian float32. Bytes of a binary file's word
// that are not UTF-8 become U+FFFD. Throws Error for what is neither, counts that disagree with the
// content or its size, a line without word or number, NaN, infinity, bytes left over, NUL in a
// text.
[[nodiscard]] WordVectors read_word_vectors(const std::string& path, std::string_view bytes);

// True when the beginning of a file reads as such vectors: a line of two counts followed by that
// many numbers behind a word, or at least 8 numbers behind a word in every line.
[[nodiscard]] bool looks_like_word_vectors(std::string_view beginning);

}  // namespace hsa
