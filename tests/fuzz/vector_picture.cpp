#include "engine/io/vector_picture.h"

#include "engine/io/animation.h"
#include "tests/fuzz/fuzz.h"

#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::bytes_of(data, size);
    (void)hsa::looks_like_svg(bytes);
    for (const auto& told : {hsa::read_svg_text(bytes, "k"), hsa::read_pdf_text(bytes, "k"),
                             hsa::read_webp_text(bytes, "k"), hsa::read_gif_text(bytes, "k")})
        if (told)
            fuzz::require(hsa::read_svg_text(hsa::svg_metadata("k", *told), "k") == *told,
                          "read(write(x)) = x");
    return 0;
}
