#include "engine/io/text.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::bytes_of(data, size);
    for (const auto encoding : {hsa::TextEncoding::automatic, hsa::TextEncoding::latin1}) {
        fuzz::allow_errors([&] {
            const hsa::DecodedText decoded = hsa::decode_text("text", bytes, encoding);
            fuzz::require(!hsa::first_invalid_utf8(decoded.text), "a decoded text is UTF-8");
            fuzz::require(!hsa::is_blank(decoded.text), "a decoded text has words");
        });
    }
    return 0;
}
