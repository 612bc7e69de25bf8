#pragma once

#include <string>
#include <string_view>

namespace hsa {

// Bytes as letters (RFC 4648, with = at the end), as data: addresses hold them.
[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace hsa
