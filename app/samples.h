#pragma once

#include <string>
#include <vector>

namespace splatscope {

// Reads the bytes of a sample that is part of the program; throws Error listing them.
[[nodiscard]] std::string read_sample(const std::string& name);
[[nodiscard]] std::vector<std::string> sample_names();

}  // namespace splatscope
