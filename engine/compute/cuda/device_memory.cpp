#include "engine/compute/cuda/device_memory.h"

#include "engine/compute/card/card.h"
#include "engine/core/error.h"

#include <fmt/core.h>

namespace hsa {

void check_cuda(cuda::Problem problem, const char* what) {
    if (problem != nullptr) fail("CUDA says '{}' while {}", problem, what);
}

DeviceMemory::~DeviceMemory() {
    if (memory_ != nullptr) (void)cuda::release(memory_);
}

void DeviceMemory::reserve(std::size_t bytes) {
    if (bytes <= bytes_) return;
    if (memory_ != nullptr) (void)cuda::release(std::exchange(memory_, nullptr));
    bytes_ = 0;
    bool full = false;
    const cuda::Problem problem = cuda::allocate(&memory_, bytes, &full);
    if (full) {
        cuda::Room room;
        (void)cuda::room(room);
        constexpr double kMega = 1e6;
        throw CardFull(fmt::format(
            "CUDA says '{}': {:.1f} MB were asked for where {:.1f} of {:.1f} MB are free", problem,
            static_cast<double>(bytes) / kMega, static_cast<double>(room.free_bytes) / kMega,
            static_cast<double>(room.bytes) / kMega));
    }
    check_cuda(problem, "memory was asked for");
    bytes_ = bytes;
}

void DeviceMemory::write(const void* from, std::size_t bytes) {
    reserve(bytes);
    if (bytes > 0) check_cuda(cuda::copy_to(memory_, from, bytes), "numbers were sent to the card");
}

}  // namespace hsa
