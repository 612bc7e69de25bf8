#pragma once

#include <nlohmann/json.hpp>

#include <span>

namespace hsa {

// A float as the double whose shortest decimal is also the shortest that gives the float back, so
// that files say 0.1 and not 0.10000000149011612. NaN and infinity become null.
[[nodiscard]] nlohmann::json json_number(float value);
[[nodiscard]] nlohmann::json json_number(double value);
[[nodiscard]] nlohmann::json json_numbers(std::span<const float> values);
[[nodiscard]] nlohmann::json json_numbers(std::span<const double> values);

}  // namespace hsa
