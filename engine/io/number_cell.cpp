#include "engine/io/number_cell.h"

#include "engine/core/error.h"

#include <fast_float/fast_float.h>

#include <cmath>

namespace hsa {

std::string_view trimmed(std::string_view field) {
    while (!field.empty() && (field.front() == ' ' || field.front() == '\t'))
        field.remove_prefix(1);
    while (!field.empty() && (field.back() == ' ' || field.back() == '\t')) field.remove_suffix(1);
    return field;
}

Cell parse_cell(std::string_view field, float& value) {
    field = trimmed(field);
    if (field.empty()) return Cell::empty;
    if (field.front() == '+' && field.size() > 1 && field[1] != '-') field.remove_prefix(1);
    const auto result = fast_float::from_chars(field.data(), field.data() + field.size(), value);
    if (result.ptr != field.data() + field.size()) return Cell::text;
    // Versions of fast_float differ in whether they report a number too large or too small.
    if (result.ec == std::errc::result_out_of_range && std::abs(value) < 1.0F) return Cell::number;
    if (std::isinf(value) && field.find_first_of("0123456789") != std::string_view::npos)
        return Cell::too_large;
    return result.ec == std::errc() ? Cell::number : Cell::text;
}

bool is_text_cell(std::string_view field) {
    float value = 0.0F;
    return parse_cell(field, value) == Cell::text;
}

void fail_cell(const CellPlace& place, Cell cell, float value, std::string_view field) {
    const std::string where =
        fmt::format("{}: line {}, column {} (from 1)", place.path, place.line, place.column + 1);
    const std::string shown(field.substr(0, 40));
    if (cell == Cell::empty)
        fail("{} is empty; expected a number: fill it in or leave the row out", where);
    if (cell == Cell::text)
        fail(
            "{} is '{}', which is no number; expected a number (1.5, -2e-3): correct it, or keep "
            "words in columns of their own",
            where, shown);
    if (cell == Cell::too_large)
        fail("{} is {}, beyond what float32 can hold; scale the data down", where, shown);
    fail("{} is {}; expected finite numbers: replace it or leave the row out", where,
         std::isnan(value) ? "NaN" : "infinity");
}

}  // namespace hsa
