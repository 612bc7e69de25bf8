#pragma once

#include "engine/compute/backend.h"

#include <memory>

namespace hsa {

// Eigen products in tiles of 128 rows, exponentials by Highway, tiles handed out by
// core/parallel.h.
[[nodiscard]] std::unique_ptr<Backend> make_cpu_backend();

}  // namespace hsa
