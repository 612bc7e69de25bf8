#pragma once

#include <memory>
#include <string>

namespace hsa {

// Where `owner` is a MappedFile that became shorter while it was in use and somebody looked at what
// is missing: a sentence that says so. Empty for anything else.
[[nodiscard]] std::string cut_short(const std::shared_ptr<const void>& owner);

}  // namespace hsa
