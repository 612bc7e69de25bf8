#pragma once

#include <cuda_runtime.h>

#include <cstddef>

namespace hsa::cuda {

inline const char* problem_of(cudaError_t error) {
    return error == cudaSuccess ? nullptr : cudaGetErrorString(error);
}

inline unsigned groups(std::size_t count, std::size_t size) {
    return static_cast<unsigned>((count + size - 1) / size);
}

// Runs a kernel on the default stream. The tests have a cuda_runtime.h of their own, which runs it
// on the CPU.
template <class... Given, class... Taken>
const char* launch(void (*kernel)(Given...), dim3 grid, dim3 block, Taken... arguments) {
    if (grid.x == 0 || grid.y == 0) return nullptr;
#if defined(__CUDACC__)
    kernel<<<grid, block>>>(arguments...);
#else
    cuda_on_cpu::run(grid, block, [=] { kernel(arguments...); });
#endif
    return problem_of(cudaGetLastError());
}

}  // namespace hsa::cuda
