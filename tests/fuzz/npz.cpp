#include "engine/io/npz.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::allow_errors([&] {
        const hsa::NpzArrays arrays = hsa::read_npz("npz", fuzz::bytes_of(data, size));
        fuzz::require(arrays.embeddings || arrays.queries || arrays.keys,
                      "an archive has a matrix");
        for (const auto* stack : {&arrays.queries, &arrays.keys, &arrays.values})
            if (*stack)
                fuzz::require(
                    (*stack)->layers > 0 && (*stack)->heads.size() % (*stack)->layers == 0,
                    "every layer has as many heads");
    });
    return 0;
}
