#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hsa {

enum class TextEncoding : std::uint8_t {
    automatic,  // UTF-8, or UTF-16 when a byte order mark says so
    latin1,     // ISO 8859-1: every byte is the character of that number
};

// A text as valid UTF-8 without a byte order mark; line ends as they were written.
struct DecodedText {
    std::string text;
    std::string encoding;  // of the file: "UTF-8", "UTF-16 little-endian", "Latin-1"
};

// Offset of the first byte that is not UTF-8, if there is one.
[[nodiscard]] std::optional<std::size_t> first_invalid_utf8(std::string_view bytes);

// True when there is nothing but white space (of any script), or nothing at all.
[[nodiscard]] bool is_blank(std::string_view utf8);

// True for bytes that no text has: a NUL, or many control characters.
[[nodiscard]] bool looks_binary(std::string_view bytes);

// The beginning of a UTF-16 text with a byte order mark as UTF-8, as far as it is right; empty for
// all other bytes. Never throws.
[[nodiscard]] std::string utf16_beginning(std::string_view bytes);

// Throws Error for binary bytes, for bytes that are not UTF-8 (naming the first one's offset and
// the command that reads the file as Latin-1), for broken UTF-16, and for a text of white space
// alone.
[[nodiscard]] DecodedText decode_text(const std::string& path, std::string_view bytes,
                                      TextEncoding encoding = TextEncoding::automatic);

}  // namespace hsa
