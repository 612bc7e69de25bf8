#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hsa {

// "(320, 24)".
[[nodiscard]] std::string shape_text(const std::vector<std::uint64_t>& shape);

}  // namespace hsa
