#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hsa {

// An 8-bit RGBA picture, top row first, with the texts stored beside it.
struct PngImage {
    std::size_t width = 0;
    std::size_t height = 0;
    std::vector<std::uint8_t> rgba;                          // width * height * 4
    std::vector<std::pair<std::string, std::string>> texts;  // key (Latin-1, 1..79 letters), UTF-8
    std::uint32_t pixels_per_metre = 0;  // of both axes, how large it is on paper; 0 = not said
};

inline constexpr std::string_view kPngMagic = "\x89PNG\r\n\x1A\n";

// The same picture gives the same bytes: no time, no path, no name of a user. Throws Error when the
// size is 0 or not that of `rgba`, or a key is not legal.
[[nodiscard]] std::string write_png(const PngImage& picture);

// Any PNG, as RGBA. Throws Error for what is not a whole PNG or has more than 2^28 pixels.
[[nodiscard]] PngImage read_png(const std::string& path, std::string_view bytes);

// Only the texts of a PNG, without its pixels.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> read_png_texts(
    const std::string& path, std::string_view bytes);

}  // namespace hsa
