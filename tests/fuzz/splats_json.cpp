#include "engine/io/splats_json.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::allow_errors([&] {
        const hsa::SplatRegistry registry =
            hsa::read_splats_json("json", fuzz::bytes_of(data, size));
        hsa::check_invariants(registry);
        const hsa::SplatRegistry again =
            hsa::read_splats_json("json", hsa::write_splats_json(registry));
        fuzz::require(hsa::same_bits(again, registry), "read(write(x)) = x");
    });
    return 0;
}
