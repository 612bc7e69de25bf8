#pragma once

#include "engine/compute/backend.h"

#include <vector>

namespace splatscope {

// What computes beside the engine's own, in the order that auto tries it: CUDA where the program
// was built with it, OpenGL.
[[nodiscard]] std::vector<hsa::BackendEntry> offered_backends();

}  // namespace splatscope
