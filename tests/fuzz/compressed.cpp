#include "engine/io/compressed.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::uint64_t kLimit = std::uint64_t{1} << 20U;
    const std::string_view bytes = fuzz::bytes_of(data, size);
    const std::string beginning = hsa::unpack_beginning(bytes, 1000);
    fuzz::require(beginning.size() <= 1000, "no more than was asked for");
    fuzz::allow_errors([&] {
        const std::string content = hsa::unpack("packed", bytes, kLimit);
        fuzz::require(!content.empty() && content.size() <= kLimit, "within the limit");
        fuzz::require(content.starts_with(beginning), "the beginning is the content's");
    });
    return 0;
}
