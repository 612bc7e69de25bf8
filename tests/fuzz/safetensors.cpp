#include "engine/io/safetensors.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::bytes_of(data, size);
    (void)hsa::looks_like_safetensors(bytes, bytes.size());
    fuzz::allow_errors([&] {
        const hsa::Safetensors file("safetensors", hsa::FileBytes::borrowed(bytes));
        for (const auto& tensor : file.tensors()) {
            fuzz::require(tensor.second.end <= size, "tensors lie in the file");
            fuzz::allow_errors([&] { (void)file.matrix(tensor.first); });
            (void)file.view(tensor.first);
        }
    });
    return 0;
}
