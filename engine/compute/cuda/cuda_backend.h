#pragma once

#include "engine/compute/backend.h"

#include <cstdint>
#include <functional>
#include <memory>

namespace hsa {

struct CudaOptions {
    std::function<void()> before_operation = {};  // as make_card_backend()
    std::uint64_t most_bytes = 0;                 // of blocks on the card; 0: a quarter of the free
    bool checked = true;                          // the same
};

// Every operation of Backend on the CUDA card, or rows shared out to all there are; float32 but for
// covariances that mix axes and for sums over tokens, which are float64. Cards that fail their
// check are left out, which info().device says. Throws Error with CUDA's reason where no card is
// left, or no driver for it.
[[nodiscard]] std::unique_ptr<Backend> make_cuda_backend(const CudaOptions& options);

// The entry of backends().
[[nodiscard]] BackendEntry cuda_entry();

}  // namespace hsa
