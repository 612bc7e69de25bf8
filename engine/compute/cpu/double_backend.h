#pragma once

#include "engine/compute/backend.h"

#include <memory>

namespace hsa {

// Kernels from differences and exponentials, all in float64, in tiles of 128 tokens handed out by
// core/parallel.h; what it writes is rounded once. Has TwofoldKernels. Many times slower than the
// cpu backend, whose device it runs on. Log kernels and their sums with row weights beyond 2^20
// nats are rounded to float32 first: most of a tile, which is one, could not stand beside others.
[[nodiscard]] std::unique_ptr<Backend> make_double_backend();

}  // namespace hsa
