#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hsa {

// Characters as the reference implementation of tokenizers (Hugging Face `tokenizers`) sees them:
// its categories are those of Unicode 8.0, so that a sign added later is neither punctuation nor
// an accent.
[[nodiscard]] bool is_removed_control(std::int32_t code);  // categories Cc, Cf and Co
[[nodiscard]] bool is_space(std::int32_t code);
[[nodiscard]] bool is_punctuation(std::int32_t code);  // with all of ASCII that is no letter
[[nodiscard]] bool is_accent(std::int32_t code);       // category Mn
[[nodiscard]] bool is_ideograph(std::int32_t code);    // written without spaces in Chinese

// Of today's Unicode.
[[nodiscard]] bool is_letter(std::int32_t code);  // category L
[[nodiscard]] bool is_number(std::int32_t code);  // category N

// The character at `at`, which moves behind it; U+FFFD for a byte that is not UTF-8.
[[nodiscard]] std::int32_t next_character(std::string_view text, std::size_t& at);
// The first byte of the character that byte `at` is part of, and the byte behind it.
[[nodiscard]] std::size_t character_begin(std::string_view text, std::size_t at);
[[nodiscard]] std::size_t character_end(std::string_view text, std::size_t at);

}  // namespace hsa
