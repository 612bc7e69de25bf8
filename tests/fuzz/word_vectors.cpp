#include "engine/io/word_vectors.h"

#include "engine/io/text.h"
#include "tests/fuzz/fuzz.h"

#include <cmath>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::bytes_of(data, size);
    (void)hsa::looks_like_word_vectors(bytes);
    fuzz::allow_errors([&] {
        const hsa::WordVectors vectors = hsa::read_word_vectors("a.vec", bytes);
        fuzz::require(!vectors.values.empty(), "there are vectors");
        fuzz::require(vectors.words.size() == vectors.values.rows(), "a word a row");
        for (const std::string& word : vectors.words)
            fuzz::require(!hsa::first_invalid_utf8(word), "words are UTF-8");
        for (std::size_t i = 0; i < vectors.values.size(); ++i)
            fuzz::require(std::isfinite(vectors.values.data()[i]), "numbers are finite");
    });
    return 0;
}
