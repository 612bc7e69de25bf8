#pragma once

#include <cstddef>
#include <string>

namespace hsa {

// A count for people, thousands parted: 12431 -> "12,431".
[[nodiscard]] inline std::string count_text(std::size_t count) {
    std::string text = std::to_string(count);
    for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
    return text;
}

}  // namespace hsa
