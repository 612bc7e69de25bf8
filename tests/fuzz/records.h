#pragma once

#include "engine/io/field_choice.h"
#include "engine/io/text.h"
#include "engine/model/text_pieces.h"
#include "tests/fuzz/fuzz.h"

#include <cmath>
#include <cstddef>

namespace fuzz {

// What holds of records that were read, whatever file they are from.
inline void check_texts(const hsa::TextPieces& text) {
    std::size_t last = 0;
    for (const auto& piece : text.pieces) {
        require(piece.begin >= last && piece.begin < text.text.size(), "pieces rise");
        last = piece.begin;
    }
    for (const auto& property : text.properties)
        require(property.words.size() + property.numbers.size() == text.pieces.size(),
                "one value a piece");
    require(!hsa::first_invalid_utf8(text.text), "a text is UTF-8");
}

inline void check_vectors(const hsa::RecordVectors& vectors) {
    const std::size_t rows = vectors.values.rows();
    require(!vectors.values.empty(), "there are vectors");
    require(vectors.labels.empty() || vectors.labels.size() == rows, "a label a row");
    for (const auto& property : vectors.properties)
        require(property.words.size() + property.numbers.size() == rows, "one value a row");
    for (std::size_t i = 0; i < vectors.values.size(); ++i)
        require(std::isfinite(vectors.values.data()[i]), "numbers are finite");
}

}  // namespace fuzz
