#pragma once

#include "engine/attention/cells.h"

#include <vector>

namespace hsa {

// Parts by falling value, in the order given where equal, and their sum, the least first.
[[nodiscard]] CellParts sorted_parts(std::vector<Part> parts);

}  // namespace hsa
