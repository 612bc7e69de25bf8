#pragma once

#include "engine/core/json_number.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace hsa {

// Brackets inside brackets that a JSON text may have.
inline constexpr std::size_t kJsonDepth = 200;

// The value of a JSON text. Throws Error naming the line and column of what is wrong, also for
// brackets deeper than kJsonDepth.
[[nodiscard]] nlohmann::json parse_json(const std::string& path, std::string_view bytes);
// The value of a part of `bytes`; lines and columns are told of the whole.
[[nodiscard]] nlohmann::json parse_json(const std::string& path, std::string_view bytes,
                                        std::string_view part);

// JSON text, on one line or with `indent` spaces a step; bytes of a string that are not UTF-8
// become U+FFFD. A result begins with its command, version and mark (commands.md "Results"); other
// keys rise.
[[nodiscard]] std::string json_text(const nlohmann::json& value, int indent = -1);

}  // namespace hsa
