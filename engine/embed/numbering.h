#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace hsa {

// How the number of a heading is written: "1.2", "IV.", or after a word ("Chapter 3", "第三章").
enum class NumberStyle : std::uint8_t { decimal, roman, named };

struct Numbering {
    NumberStyle style = NumberStyle::decimal;
    std::vector<std::uint32_t> parts;  // 1.2: 1, 2; empty where only its style is known
    bool doubtful = false;             // an initial as well: "V. Woolf"

    [[nodiscard]] bool same_kind(const Numbering& other) const {
        return style == other.style && parts.size() == other.parts.size();
    }
};

// The number that a line begins with, where the rest of it reads like a title.
[[nodiscard]] std::optional<Numbering> numbering_of(std::string_view line);

// True where `second` is the next number after `first`: 1.2 and 1.3.
[[nodiscard]] bool continues(const Numbering& first, const Numbering& second);

}  // namespace hsa
