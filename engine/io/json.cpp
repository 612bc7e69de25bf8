#include "engine/io/json.h"

#include "engine/core/error.h"

#include <fast_float/fast_float.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace hsa {
namespace {

// What the parser found, without its own prefix "[json.exception...] parse error at line ...: ".
std::string complaint(const std::string& what) {
    const std::size_t syntax = what.find("syntax error ");
    if (syntax != std::string::npos) return what.substr(syntax);
    const std::size_t bracket = what.find("] ");
    return bracket == std::string::npos ? what : what.substr(bracket + 2);
}

}  // namespace

nlohmann::json parse_json(const std::string& path, std::string_view bytes) {
    try {
        return nlohmann::json::parse(bytes.begin(), bytes.end());
    } catch (const nlohmann::json::parse_error& error) {
        const std::string_view before = bytes.substr(0, error.byte > 0 ? error.byte - 1 : 0);
        const auto line = 1 + std::count(before.begin(), before.end(), '\n');
        const std::size_t start = before.rfind('\n');
        const std::size_t column =
            before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
        fail("{}: not valid JSON at line {}, column {}: {}; correct it there", path, line, column,
             complaint(error.what()));
    } catch (const nlohmann::json::exception& error) {
        fail("{}: not valid JSON: {}; correct it", path, complaint(error.what()));
    }
}

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

std::string json_line(const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace hsa
