#include "engine/io/open.h"

#include "engine/io/detect.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::bytes_of(data, size);
    for (const char* path : {"-", "a.txt", "a.npy", "a.csv"}) (void)hsa::detect(path, bytes);
    fuzz::allow_errors([&] {
        const hsa::Dataset dataset = hsa::open_embeddings("-", bytes);
        fuzz::require(dataset.size() == dataset.types.size(), "every row has a type");
        for (const std::uint32_t type : dataset.types) {
            fuzz::require(type < dataset.type_names.size(), "every type has a name");
        }
    });
    return 0;
}
