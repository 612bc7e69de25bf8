#pragma once

#include "engine/compute/backend.h"

#include <memory>
#include <string>
#include <vector>

namespace hsa {

// Several backends as one: each has a share of the rows, on a thread of its own, and what each sums
// over its rows, k (v + 2) numbers, is added up in their order. The same bits from run to run;
// those of one backend alone where rows do not meet in a sum. `parts` are at least one. `without`:
// what is said of those that are not among them, or nothing.
[[nodiscard]] std::unique_ptr<Backend> make_sharded_backend(
    std::vector<std::unique_ptr<Backend>> parts, std::string without = {});

}  // namespace hsa
