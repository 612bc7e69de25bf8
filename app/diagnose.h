#pragma once

#include "engine/compute/backend.h"

#include <string>
#include <vector>

namespace splatscope {

// What each backend is here, a line each, and first the one that `name` leads to: its card and
// memory, or why it is passed over. Never throws for one that is not there.
[[nodiscard]] std::string diagnose_backends(const std::string& name,
                                            const std::vector<hsa::BackendEntry>& offered);

}  // namespace splatscope
