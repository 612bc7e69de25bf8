#include "engine/io/json_records.h"

#include "tests/fuzz/fuzz.h"

#include <cmath>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::bytes_of(data, size);
    (void)hsa::json_record_kind(bytes, true);
    (void)hsa::json_record_kind(bytes, false);
    fuzz::allow_errors([&] {
        const hsa::TextPieces text = hsa::read_json_texts("a.jsonl", bytes, "");
        std::size_t last = 0;
        for (const auto& piece : text.pieces) {
            fuzz::require(piece.begin >= last && piece.begin < text.text.size(), "pieces rise");
            last = piece.begin;
        }
        for (const auto& property : text.properties)
            fuzz::require(property.words.size() + property.numbers.size() == text.pieces.size(),
                          "one value a piece");
        fuzz::require(!hsa::first_invalid_utf8(text.text), "a text is UTF-8");
    });
    fuzz::allow_errors([&] {
        const hsa::RecordVectors vectors = hsa::read_json_vectors("a.jsonl", bytes, "");
        const std::size_t rows = vectors.values.rows();
        fuzz::require(!vectors.values.empty(), "there are vectors");
        fuzz::require(vectors.labels.empty() || vectors.labels.size() == rows, "a label a row");
        for (const auto& property : vectors.properties)
            fuzz::require(property.words.size() + property.numbers.size() == rows,
                          "one value a row");
        for (std::size_t i = 0; i < vectors.values.size(); ++i)
            fuzz::require(std::isfinite(vectors.values.data()[i]), "numbers are finite");
    });
    return 0;
}
