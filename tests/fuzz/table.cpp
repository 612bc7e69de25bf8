#include "engine/io/table.h"

#include "tests/fuzz/fuzz.h"

#include <cmath>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::bytes_of(data, size);
    for (const char* path : {"table.tsv", "table.csv"}) {
        fuzz::allow_errors([&] {
            const hsa::Table table = hsa::read_table(path, bytes);
            fuzz::require(!table.values.empty(), "a table has rows and columns");
            fuzz::require(table.labels.empty() || table.labels.size() == table.values.rows(),
                          "one label a row");
            for (std::size_t i = 0; i < table.values.size(); ++i) {
                fuzz::require(std::isfinite(table.values.data()[i]), "numbers are finite");
            }
        });
    }
    (void)hsa::looks_like_table(bytes);
    return 0;
}
