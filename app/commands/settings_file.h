#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace splatscope {

// The first line of a file of settings that the program wrote.
inline constexpr std::string_view kSettingsBegin = "# splatscope-settings 1";

// A file that may not be there: nothing then. Throw Error where it cannot be read.
[[nodiscard]] std::string read_if_there(const std::string& path);
[[nodiscard]] std::vector<std::string> lines_if_there(const std::string& path);

}  // namespace splatscope
