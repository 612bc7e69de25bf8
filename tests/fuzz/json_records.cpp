#include "engine/io/json_records.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/records.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::bytes_of(data, size);
    (void)hsa::json_record_kind(bytes, true);
    (void)hsa::json_record_kind(bytes, false);
    fuzz::allow_errors([&] { fuzz::check_texts(hsa::read_json_texts("a.jsonl", bytes, "")); });
    fuzz::allow_errors([&] { fuzz::check_vectors(hsa::read_json_vectors("a.jsonl", bytes, "")); });
    return 0;
}
