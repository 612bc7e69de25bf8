#pragma once

#include "engine/model/dataset.h"

#include <cstddef>
#include <string>
#include <vector>

namespace hsa {

// A text made of several, records of one file or files of one folder, a blank line between them.
struct TextPieces {
    struct Piece {
        std::string title;
        std::size_t begin = 0;  // its first byte in `text`
    };
    std::string text;                        // valid UTF-8
    std::string encoding;                    // of the file: "UTF-8"
    std::vector<Piece> pieces;               // rising; empty: one text, undivided
    std::vector<MetadataColumn> properties;  // [pieces] each
    std::string notes;                       // ", 12 records of 'text'": for what was understood

    // Adds a piece behind the others.
    void add(std::string title, const std::string& piece);
};

}  // namespace hsa
