#include "engine/io/run.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::allow_errors([&] {
        const hsa::RunFile run = hsa::read_run("run", fuzz::bytes_of(data, size));
        const std::string written = hsa::write_run(run);
        fuzz::require(hsa::write_run(hsa::read_run("run", written)) == written,
                      "write(read(write(x))) = write(x)");
    });
    return 0;
}
