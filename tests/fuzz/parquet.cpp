// Where the build has no Arrow nothing but its sentence is run.
#include "engine/io/parquet.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/records.h"

namespace {

constexpr std::uint64_t kLimit = std::uint64_t{64} << 20U;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::bytes_of(data, size);
    fuzz::allow_errors(
        [&] { fuzz::check_vectors(hsa::read_parquet_vectors("a.parquet", bytes, "", kLimit)); });
    fuzz::allow_errors(
        [&] { fuzz::check_texts(hsa::read_parquet_texts("a.parquet", bytes, "", kLimit)); });
    return 0;
}
