#pragma once

#include "engine/core/json_number.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace hsa {

// The value of a JSON text. Throws Error naming the line and column of what is wrong.
[[nodiscard]] nlohmann::json parse_json(const std::string& path, std::string_view bytes);

// One line of JSON; bytes of a string that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string json_line(const nlohmann::json& value);

}  // namespace hsa
