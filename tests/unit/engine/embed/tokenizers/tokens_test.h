#pragma once

#include "engine/core/error.h"
#include "engine/embed/tokenizer.h"
#include "tests/catch.h"
#include "tests/unit/engine/io/io_test.h"

#include <fstream>
#include <string>
#include <vector>

namespace tokens_test {

inline const std::string kData = std::string(SPLATSCOPE_SOURCE_DIR) + "/tests/data/tokens/";

inline std::vector<std::string> lines_of_file(const std::string& name) {
    std::ifstream file(kData + name, std::ios::binary);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

inline std::vector<std::string> pieces_of(const hsa::Tokenizer& tokenizer,
                                          const std::string& text) {
    std::vector<std::string> found;
    for (const hsa::Piece& piece : tokenizer.encode(text))
        found.emplace_back(tokenizer.piece(piece.id));
    return found;
}

// The bytes of the text that each token stands for.
inline std::vector<std::string> texts_of(const hsa::Tokenizer& tokenizer, const std::string& text) {
    std::vector<std::string> found;
    for (const hsa::Piece& piece : tokenizer.encode(text))
        found.push_back(text.substr(piece.span.begin, piece.span.end - piece.span.begin));
    return found;
}

}  // namespace tokens_test
