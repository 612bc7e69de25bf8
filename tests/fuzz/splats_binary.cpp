#include "engine/io/splats_binary.h"

#include "engine/core/hash.h"
#include "tests/fuzz/fuzz.h"

#include <string>

namespace {

void read_and_check(std::string_view bytes) {
    fuzz::allow_errors([&] {
        const hsa::SplatRegistry registry = hsa::read_splats_binary("splats", bytes);
        hsa::check_invariants(registry);
        const hsa::SplatRegistry again =
            hsa::read_splats_binary("splats", hsa::write_splats_binary(registry));
        fuzz::require(hsa::same_bits(again, registry), "read(write(x)) = x");
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::bytes_of(data, size);
    read_and_check(bytes);
    // A checksum that fits lets changed bytes through to the parser behind it.
    std::string body(bytes.substr(0, size < 8 ? 0 : size - 8));
    const std::uint64_t hash = hsa::hash_text(body);
    body.append(reinterpret_cast<const char*>(&hash), sizeof hash);
    read_and_check(body);
    return 0;
}
