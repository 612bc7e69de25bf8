#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace splatscope {

// Files that are part of the program: shaders, fonts, samples. Names as in the source tree without
// their first folder: "shaders/ellipsoid.frag", "fonts/Roboto-Regular.ttf", "samples/voyage.txt".
struct EmbeddedFile {
    std::string name;
    struct Bytes {
        const std::byte* begin;
        const std::byte* end;
    } bytes;
};

[[nodiscard]] const std::vector<EmbeddedFile>& embedded_files();

// Throws hsa::Error (fault) when there is no file of that name.
[[nodiscard]] std::span<const std::byte> embedded(std::string_view name);
[[nodiscard]] bool has_embedded(std::string_view name);
[[nodiscard]] std::string_view embedded_text(std::string_view name);

}  // namespace splatscope
