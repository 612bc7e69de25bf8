#include "engine/embed/tokenizers/sentencepiece.h"

#include "tests/fuzz/tokens.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::allow_errors([&] {
        fuzz::check_tokens(*hsa::read_sentencepiece("t.model", fuzz::bytes_of(data, size)));
    });
    return 0;
}
