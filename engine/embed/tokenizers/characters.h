#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hsa {

// What a character is, as bits. Controls, punctuation, accents: as the reference implementation of
// tokenizers (Hugging Face `tokenizers`) sees them, whose categories are those of Unicode 8.0, so
// that a sign added later is neither punctuation nor an accent. The others are of today's Unicode.
namespace character {
inline constexpr std::uint8_t kControl = 1;      // categories Cc, Cf and Co, and U+FFFD
inline constexpr std::uint8_t kPunctuation = 2;  // with all of ASCII that is no letter
inline constexpr std::uint8_t kAccent = 4;       // category Mn
inline constexpr std::uint8_t kSpace = 8;
inline constexpr std::uint8_t kLetter = 16;  // category L
inline constexpr std::uint8_t kNumber = 32;  // category N

constexpr std::uint8_t of_ascii(std::int32_t code) {
    if (code == ' ' || (code >= '\t' && code <= '\r'))
        return code == '\v' || code == '\f' ? kSpace | kControl : kSpace;
    if (code < ' ' || code == 0x7f) return kControl;
    if (code >= '0' && code <= '9') return kNumber;
    if ((code >= 'A' && code <= 'Z') || (code >= 'a' && code <= 'z')) return kLetter;
    return kPunctuation;
}
inline constexpr std::array<std::uint8_t, 128> kAscii = [] {
    std::array<std::uint8_t, 128> made = {};
    for (std::int32_t code = 0; code < 128; ++code)
        made[static_cast<std::size_t>(code)] = of_ascii(code);
    return made;
}();
[[nodiscard]] std::uint8_t beyond_ascii(std::int32_t code);
[[nodiscard]] inline std::uint8_t of(std::int32_t code) {
    return code < 128 ? kAscii[static_cast<std::size_t>(code)] : beyond_ascii(code);
}
}  // namespace character

[[nodiscard]] inline bool is_removed_control(std::int32_t code) {
    return (character::of(code) & character::kControl) != 0;
}
[[nodiscard]] inline bool is_space(std::int32_t code) {
    return (character::of(code) & character::kSpace) != 0;
}
[[nodiscard]] inline bool is_punctuation(std::int32_t code) {
    return (character::of(code) & character::kPunctuation) != 0;
}
[[nodiscard]] inline bool is_accent(std::int32_t code) {
    return (character::of(code) & character::kAccent) != 0;
}
[[nodiscard]] inline bool is_letter(std::int32_t code) {
    return (character::of(code) & character::kLetter) != 0;
}
[[nodiscard]] inline bool is_number(std::int32_t code) {
    return (character::of(code) & character::kNumber) != 0;
}

// The class of a character that patterns of words tell apart.
enum class Kind : std::uint8_t { space, letter, number, other };
[[nodiscard]] inline Kind kind_of(std::int32_t code) {
    const std::uint8_t classes = character::of(code);
    if ((classes & character::kLetter) != 0) return Kind::letter;
    if ((classes & character::kNumber) != 0) return Kind::number;
    return (classes & character::kSpace) != 0 ? Kind::space : Kind::other;
}

// Category M, in Unicode 9.0: what the normaliser StripAccents leaves out.
[[nodiscard]] bool is_mark(std::int32_t code);
// One that is written without spaces in Chinese, in the reference's blocks.
[[nodiscard]] bool is_ideograph(std::int32_t code);

[[nodiscard]] std::int32_t next_long_character(std::string_view text, std::size_t& at);
// The character at `at`, which moves behind it; U+FFFD for a byte that is not UTF-8.
[[nodiscard]] inline std::int32_t next_character(std::string_view text, std::size_t& at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x80) return next_long_character(text, at);
    ++at;
    return byte;
}
// The first byte of the character that byte `at` is part of, and the byte behind it.
[[nodiscard]] std::size_t character_begin(std::string_view text, std::size_t at);
[[nodiscard]] std::size_t character_end(std::string_view text, std::size_t at);

}  // namespace hsa
