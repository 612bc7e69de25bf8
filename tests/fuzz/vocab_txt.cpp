#include "engine/embed/tokenizers/vocab_txt.h"

#include "tests/fuzz/tokens.h"

#include <algorithm>

// The vocabulary, and behind a NUL the configuration beside it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::bytes_of(data, size);
    const std::size_t end = std::min(bytes.find('\0'), bytes.size());
    const std::string_view config = bytes.substr(std::min(end + 1, bytes.size()));
    fuzz::allow_errors([&] {
        fuzz::check_tokens(
            *hsa::read_vocab_txt("vocab.txt", bytes.substr(0, end), "c.json", config));
    });
    return 0;
}
