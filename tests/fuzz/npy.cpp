#include "engine/io/npy.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::bytes_of(data, size);
    fuzz::allow_errors([&] {
        const hsa::NpyMatrix matrix = hsa::read_npy("npy", bytes);
        const std::string written = hsa::write_npy(matrix.values.view());
        fuzz::require(hsa::read_npy("npy", written).values == matrix.values, "read(write(x)) = x");
    });
    fuzz::allow_errors([&] { (void)hsa::read_npy_integers("npy", bytes); });
    fuzz::allow_errors([&] { (void)hsa::read_npy_strings("npy", bytes); });
    return 0;
}
