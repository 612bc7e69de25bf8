#include "engine/io/animation.h"

#include "engine/core/error.h"
#include "engine/io/vector_picture.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace hsa {
namespace {

constexpr std::size_t kChunkHead = 8;  // of a WebP: four letters and a length
constexpr std::size_t kGifHead = 13;

std::size_t byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

std::size_t length_at(std::string_view bytes, std::size_t at) {
    std::size_t length = 0;
    for (std::size_t i = 4; i-- > 0;) length = length << 8U | byte_at(bytes, at + i);
    return length;
}

// Takes the pieces of a GIF's block away; nothing when they do not end.
std::optional<std::string> take_pieces(std::string_view& bytes) {
    std::string whole;
    while (!bytes.empty()) {
        const std::size_t length = byte_at(bytes, 0);
        if (length == 0) {
            bytes.remove_prefix(1);
            return whole;
        }
        if (bytes.size() <= length) return std::nullopt;
        whole += bytes.substr(1, length);
        bytes.remove_prefix(length + 1);
    }
    return std::nullopt;
}

}  // namespace

bool looks_like_webp(std::string_view bytes) {
    return bytes.size() >= 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP";
}

bool looks_like_gif(std::string_view bytes) {
    return bytes.starts_with("GIF89a") || bytes.starts_with("GIF87a");
}

std::optional<std::string> read_webp_text(std::string_view bytes, std::string_view key) {
    if (!looks_like_webp(bytes)) return std::nullopt;
    bytes.remove_prefix(12);
    while (bytes.size() >= kChunkHead) {
        const std::size_t length = length_at(bytes, 4);
        if (length > bytes.size() - kChunkHead) return std::nullopt;
        if (bytes.starts_with("XMP ")) return read_svg_text(bytes.substr(kChunkHead, length), key);
        bytes.remove_prefix(std::min(kChunkHead + length + length % 2, bytes.size()));
    }
    return std::nullopt;
}

std::optional<std::string> read_gif_text(std::string_view bytes, std::string_view key) {
    if (!looks_like_gif(bytes) || bytes.size() < kGifHead) return std::nullopt;
    const std::size_t flags = byte_at(bytes, 10);
    const std::size_t colours = (flags & 0x80U) != 0 ? std::size_t{3} << ((flags & 7U) + 1U) : 0;
    if (bytes.size() < kGifHead + colours) return std::nullopt;
    bytes.remove_prefix(kGifHead + colours);
    // What the file tells stands before its first frame.
    while (bytes.size() >= 2 && bytes[0] == '\x21') {
        const bool comment = bytes[1] == '\xFE';
        bytes.remove_prefix(2);
        const std::optional<std::string> block = take_pieces(bytes);
        if (!block) return std::nullopt;
        if (!comment) continue;
        if (auto text = read_keyed_text(*block, key)) return text;
    }
    return std::nullopt;
}

void check_animation(const AnimationOptions& options, std::string_view what) {
    constexpr int kLongestSide = 16383;
    if (options.width < 1 || options.height < 1 || options.width > kLongestSide ||
        options.height > kLongestSide)
        fail("{} of {} x {} pixels cannot be written; each side must be 1 to {}", what,
             options.width, options.height, kLongestSide);
    if (options.delay_ms < 10 || options.delay_ms > 60000)
        fail("{}: a frame is shown for 10 to 60000 milliseconds, not {}", what, options.delay_ms);
    if (options.loops < 0 || options.loops > 65535)
        fail("{}: it is played 0 (for ever) to 65535 times, not {}", what, options.loops);
    if (options.quality < 0.0 || options.quality > 100.0)
        fail("{}: its quality is 1 to 100, or 0 to keep every pixel, not {}", what,
             options.quality);
}

void check_frame(const AnimationOptions& options, const PngImage& frame) {
    if (frame.width != static_cast<std::size_t>(options.width) ||
        frame.height != static_cast<std::size_t>(options.height) ||
        frame.rgba.size() != frame.width * frame.height * 4)
        fault("a frame of {} x {} was added to an animation of {} x {}", frame.width, frame.height,
              options.width, options.height);
}

}  // namespace hsa
