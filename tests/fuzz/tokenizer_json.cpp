#include "engine/embed/tokenizers/tokenizer_json.h"

#include "tests/fuzz/tokens.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::allow_errors([&] {
        fuzz::check_tokens(*hsa::read_tokenizer_json("t.json", fuzz::bytes_of(data, size)));
    });
    return 0;
}
