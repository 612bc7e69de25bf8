#pragma once

#include <string>

namespace splatscope {

// The real tables as text for people or, with `json`, for machines: commands, settings, bindings,
// views, formats. Throws hsa::Error (usage) for another name.
[[nodiscard]] std::string list_table(const std::string& name, bool json);

// Every work that is part of the program or linked with it, and its licence.
[[nodiscard]] std::string licences();

}  // namespace splatscope
