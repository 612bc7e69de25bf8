#pragma once

#include "engine/compute/backend.h"

namespace hsa {

// Holds a backend against the CPU's on a small problem of every kind of covariance: drivers differ
// more than cards do. Throws Error saying how far off it is where it is wrong.
void check_against_cpu(Backend& backend);

}  // namespace hsa
