#include "engine/io/text.h"

#include "engine/core/error.h"

#include <unicode/uchar.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstring>

namespace hsa {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::string_view kUtf16Little = "\xFF\xFE";
constexpr std::string_view kUtf16Big = "\xFE\xFF";

bool begins_with(std::string_view bytes, std::string_view mark) {
    return bytes.substr(0, mark.size()) == mark;
}

// Length of the run of ASCII at the start, eight bytes at a time.
std::size_t ascii_prefix(std::string_view bytes) {
    std::size_t i = 0;
    for (; i + 8 <= bytes.size(); i += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + i, 8);
        if ((word & 0x8080808080808080U) != 0) break;
    }
    while (i < bytes.size() && static_cast<unsigned char>(bytes[i]) < 0x80U) ++i;
    return i;
}

// The code point at `offset`, which moves past it; negative when the bytes there are not UTF-8.
std::int32_t next_code_point(std::string_view bytes, std::size_t& offset) {
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    const std::size_t size = bytes.size();
    UChar32 code = 0;
    U8_NEXT(data, offset, size, code);
    return code;
}

void append_code_point(std::string& out, std::uint32_t code) {
    char piece[U8_MAX_LENGTH] = {};
    std::size_t length = 0;
    U8_APPEND_UNSAFE(piece, length, code);
    out.append(piece, length);
}

std::string from_latin1(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 16);
    for (const char byte : bytes) append_code_point(out, static_cast<unsigned char>(byte));
    return out;
}

[[noreturn]] void fail_utf16(const std::string& path, std::size_t offset) {
    fail(
        "{}: byte {} begins a broken UTF-16 character; the byte order mark at the start promises "
        "UTF-16: save the text again as UTF-8",
        path, offset);
}

std::string from_utf16(const std::string& path, std::string_view bytes, bool little) {
    const auto unit = [&](std::size_t offset) {
        const auto low = static_cast<unsigned char>(bytes[offset + (little ? 0 : 1)]);
        const auto high = static_cast<unsigned char>(bytes[offset + (little ? 1 : 0)]);
        return static_cast<std::uint32_t>(low) | (static_cast<std::uint32_t>(high) << 8U);
    };
    std::string out;
    out.reserve(bytes.size());
    for (std::size_t offset = 2; offset < bytes.size(); offset += 2) {
        if (offset + 2 > bytes.size()) fail_utf16(path, offset);
        std::uint32_t code = unit(offset);
        if (U16_IS_SURROGATE(code)) {
            if (!U16_IS_SURROGATE_LEAD(code) || offset + 4 > bytes.size()) fail_utf16(path, offset);
            const std::uint32_t trail = unit(offset + 2);
            if (!U16_IS_TRAIL(trail)) fail_utf16(path, offset);
            code = 0x10000U + ((code - 0xD800U) << 10U) + (trail - 0xDC00U);
            offset += 2;
        }
        append_code_point(out, code);
    }
    return out;
}

[[noreturn]] void fail_binary(const std::string& path, std::string_view bytes) {
    const std::size_t nul = bytes.find('\0');
    if (nul != std::string_view::npos) {
        fail(
            "{}: this is not text: byte {} is NUL; expected UTF-8 text, a table, .npy, .npz, a "
            "splat "
            "file or a session",
            path, nul);
    }
    fail(
        "{}: this is not text: it is full of control characters; expected UTF-8 text, a table, "
        ".npy, .npz, a splat file or a session",
        path);
}

// A path as one word of a command.
std::string command_word(const std::string& path) {
    if (path.find_first_of(" \t'\"\\#") == std::string::npos) return path;
    std::string quoted = "'";
    for (const char letter : path) {
        if (letter == '\'') quoted += "'\\''";
        else quoted += letter;
    }
    return quoted + "'";
}

}  // namespace

std::optional<std::size_t> first_invalid_utf8(std::string_view bytes) {
    std::size_t offset = 0;
    while (offset < bytes.size()) {
        offset += ascii_prefix(bytes.substr(offset));
        while (offset < bytes.size() && static_cast<unsigned char>(bytes[offset]) >= 0x80U) {
            const std::size_t begin = offset;
            if (next_code_point(bytes, offset) < 0) return begin;
        }
    }
    return std::nullopt;
}

bool is_blank(std::string_view utf8) {
    constexpr std::int32_t kZeroWidthSpace = 0x200B;
    constexpr std::int32_t kByteOrderMark = 0xFEFF;
    std::size_t offset = 0;
    while (offset < utf8.size()) {
        const std::int32_t code = next_code_point(utf8, offset);
        if (code < 0) return false;
        if (!u_isUWhiteSpace(code) && code != kZeroWidthSpace && code != kByteOrderMark)
            return false;
    }
    return true;
}

bool looks_binary(std::string_view bytes) {
    if (bytes.find('\0') != std::string_view::npos) return true;
    const std::string_view sample = bytes.substr(0, std::size_t{1} << 16U);
    const auto is_control = [](char byte) {
        const auto code = static_cast<unsigned char>(byte);
        // Tab to carriage return and escape (terminal colours) do occur in texts.
        return (code < 0x20U && !(code >= 0x09U && code <= 0x0DU) && code != 0x1BU) ||
               code == 0x7FU;
    };
    const auto controls =
        static_cast<std::size_t>(std::count_if(sample.begin(), sample.end(), is_control));
    return controls >= 4 && controls * 10 > sample.size();
}

std::string utf16_beginning(std::string_view bytes) {
    const bool little = begins_with(bytes, kUtf16Little);
    if (!little && !begins_with(bytes, kUtf16Big)) return {};
    // The cut may have gone through a pair of surrogates.
    bytes = bytes.substr(0, bytes.size() / 2 * 2);
    try {
        return from_utf16("", bytes, little);
    } catch (const Error&) {
        if (bytes.size() < 4) return {};
    }
    try {
        return from_utf16("", bytes.substr(0, bytes.size() - 2), little);
    } catch (const Error&) {
        return {};
    }
}

DecodedText decode_text(const std::string& path, std::string_view bytes, TextEncoding encoding) {
    DecodedText decoded;
    if (encoding == TextEncoding::latin1) {
        if (looks_binary(bytes)) fail_binary(path, bytes);
        decoded = {from_latin1(bytes), "Latin-1"};
    } else if (begins_with(bytes, kUtf16Little) || begins_with(bytes, kUtf16Big)) {
        const bool little = begins_with(bytes, kUtf16Little);
        decoded = {from_utf16(path, bytes, little),
                   little ? "UTF-16 little-endian" : "UTF-16 big-endian"};
        if (looks_binary(decoded.text)) fail_binary(path, decoded.text);
    } else {
        const std::size_t skipped = begins_with(bytes, kUtf8Mark) ? kUtf8Mark.size() : 0;
        if (looks_binary(bytes)) fail_binary(path, bytes);
        if (const auto offset = first_invalid_utf8(bytes)) {
            fail(
                "{0}: byte {1} (0x{2:02X}) is not valid UTF-8; save the text as UTF-8, or read it "
                "as "
                "Latin-1 with the command: open {3} as latin1",
                path, *offset, static_cast<unsigned char>(bytes[*offset]), command_word(path));
        }
        decoded = {std::string(bytes.substr(skipped)), "UTF-8"};
    }
    if (is_blank(decoded.text)) {
        fail("{}: there is nothing but white space in it; open a text with words", path);
    }
    return decoded;
}

}  // namespace hsa
