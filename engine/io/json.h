#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace hsa {

// The value of a JSON text. Throws Error naming the line and column of what is wrong.
[[nodiscard]] nlohmann::json parse_json(const std::string& path, std::string_view bytes);

// A float as the double whose shortest decimal is also the shortest that gives the float back, so
// that files say 0.1 and not 0.10000000149011612. NaN and infinity become null.
[[nodiscard]] nlohmann::json json_number(float value);
[[nodiscard]] nlohmann::json json_number(double value);
[[nodiscard]] nlohmann::json json_numbers(std::span<const float> values);
[[nodiscard]] nlohmann::json json_numbers(std::span<const double> values);

// One line of JSON; bytes of a string that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string json_line(const nlohmann::json& value);

}  // namespace hsa
