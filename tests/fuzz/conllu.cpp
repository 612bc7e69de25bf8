#include "engine/io/conllu.h"

#include "engine/embed/words.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::bytes_of(data, size);
    (void)hsa::looks_like_conllu(bytes);
    fuzz::allow_errors([&] {
        const hsa::Parse parse = hsa::read_conllu("words.conllu", bytes);
        const std::size_t words = parse.form.size();
        fuzz::require(words > 0 && parse.head.size() == words, "a head a word");
        for (const std::size_t phrase : hsa::phrases_of(parse))
            fuzz::require(phrase < words, "a phrase is a word's");
        // Its own text has its words.
        hsa::Dataset dataset = hsa::split_words(
            "words.txt", std::make_shared<const std::string>(hsa::text_of(parse)), {});
        hsa::add_parse("words.conllu", parse, dataset);
        for (const hsa::MetadataColumn& column : dataset.properties)
            fuzz::require(column.words.size() + column.numbers.size() == dataset.size(),
                          "a value a token");
    });
    return 0;
}
