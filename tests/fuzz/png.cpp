#include "engine/io/png.h"

#include "tests/fuzz/fuzz.h"

namespace {

constexpr std::size_t kLargest = std::size_t{1} << 20U;  // bytes written again: keeps a run fast

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::allow_errors([&] { (void)hsa::read_png_texts("png", fuzz::bytes_of(data, size)); });
    fuzz::allow_errors([&] {
        hsa::PngImage picture = hsa::read_png("png", fuzz::bytes_of(data, size));
        picture.texts.clear();  // a foreign file's keys need not be legal for writing
        if (picture.rgba.size() > kLargest) return;
        fuzz::require(hsa::read_png("png", hsa::write_png(picture)).rgba == picture.rgba,
                      "read(write(x)) = x");
    });
    return 0;
}
