#pragma once

#include "engine/compute/backend.h"

#include <memory>

namespace hsa {

// Products and exponentials by Highway in tiles of 128 tokens, handed out by core/parallel.h.
[[nodiscard]] std::unique_ptr<Backend> make_cpu_backend();

}  // namespace hsa
