#include "engine/io/run_payload.h"

#include "tests/fuzz/fuzz.h"

// The inside of a .run, which no checksum protects here.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (std::uint32_t version = 1; version <= hsa::kRunVersion; ++version)
        fuzz::allow_errors([&] {
            const hsa::RunFile run = hsa::decode_run("run", fuzz::bytes_of(data, size), version);
            const std::string written = hsa::encode_run(run);
            const hsa::RunFile again = hsa::decode_run("run", written);
            fuzz::require(hsa::encode_run(again) == written,
                          "encode(decode(encode(x))) = encode(x)");
            for (std::int32_t cycle = 0; cycle <= run.history.last(); ++cycle) {
                hsa::check_invariants(*hsa::registry_at(run.history, cycle));
            }
        });
    return 0;
}
