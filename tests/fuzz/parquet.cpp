// Where the build has no Arrow nothing but its sentence is run.
#include "engine/io/parquet.h"

#include "tests/fuzz/fuzz.h"

#include <cmath>

namespace {

constexpr std::uint64_t kLimit = std::uint64_t{64} << 20U;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::bytes_of(data, size);
    fuzz::allow_errors([&] {
        const hsa::RecordVectors vectors =
            hsa::read_parquet_vectors("a.parquet", bytes, "", kLimit);
        const std::size_t rows = vectors.values.rows();
        fuzz::require(!vectors.values.empty(), "there are vectors");
        fuzz::require(vectors.labels.empty() || vectors.labels.size() == rows, "a label a row");
        for (const auto& property : vectors.properties)
            fuzz::require(property.words.size() + property.numbers.size() == rows,
                          "one value a row");
        for (std::size_t i = 0; i < vectors.values.size(); ++i)
            fuzz::require(std::isfinite(vectors.values.data()[i]), "numbers are finite");
    });
    fuzz::allow_errors([&] {
        const hsa::TextPieces text = hsa::read_parquet_texts("a.parquet", bytes, "", kLimit);
        for (const auto& piece : text.pieces)
            fuzz::require(piece.begin < text.text.size(), "pieces are in the text");
        for (const auto& property : text.properties)
            fuzz::require(property.words.size() + property.numbers.size() == text.pieces.size(),
                          "one value a piece");
    });
    return 0;
}
