#include "engine/core/json_number.h"

#include <fast_float/fast_float.h>
#include <fmt/format.h>

#include <array>
#include <cmath>

namespace hsa {

nlohmann::json json_number(float value) {
    if (!std::isfinite(value)) return nullptr;
    std::array<char, 32> digits{};
    const char* end = fmt::format_to(digits.data(), "{}", value);
    double number = 0.0;
    fast_float::from_chars(digits.data(), end, number);
    // Reading goes through double: where that rounds twice, the exact digits are written.
    return static_cast<float>(number) == value ? number : static_cast<double>(value);
}

nlohmann::json json_number(double value) {
    if (!std::isfinite(value)) return nullptr;
    return value;
}

nlohmann::json json_numbers(std::span<const float> values) {
    nlohmann::json list = nlohmann::json::array();
    for (const float value : values) list.push_back(json_number(value));
    return list;
}

nlohmann::json json_numbers(std::span<const double> values) {
    nlohmann::json list = nlohmann::json::array();
    for (const double value : values) list.push_back(json_number(value));
    return list;
}

}  // namespace hsa
