#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hsa {

// What a field of separated text is.
enum class Cell : std::uint8_t { number, too_large, empty, text };

// Without blanks and tabs on either side.
[[nodiscard]] std::string_view trimmed(std::string_view field);

// NaN and infinity count as numbers: who reads them refuses them by name.
[[nodiscard]] Cell parse_cell(std::string_view field, float& value);
[[nodiscard]] bool is_text_cell(std::string_view field);

// Where a field stands: its line from 1, its column from 0.
struct CellPlace {
    const std::string& path;
    std::size_t line = 0;
    std::size_t column = 0;
};

// Throws the Error for a field that is no finite float32 number.
[[noreturn]] void fail_cell(const CellPlace& place, Cell cell, float value, std::string_view field);

}  // namespace hsa
