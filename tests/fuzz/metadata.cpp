#include "engine/io/metadata.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::bytes_of(data, size);
    for (const char* path : {"metadata.tsv", "metadata.csv"})
        fuzz::allow_errors([&] {
            const hsa::Metadata metadata = hsa::read_metadata(path, bytes);
            fuzz::require(metadata.rows > 0, "metadata have rows");
            fuzz::require(metadata.label <= metadata.columns.size(), "a label is a column");
            for (const auto& column : metadata.columns)
                fuzz::require(column.words.size() + column.numbers.size() == metadata.rows,
                              "one value a row");
        });
    return 0;
}
