#include "engine/compute/cuda/calls.h"
#include "engine/compute/cuda/launch.cuh"

#include <cstring>

namespace hsa::cuda {

Problem describe(Device& device) {
    // Both answer without a driver.
    (void)cudaDriverGetVersion(&device.driver);
    (void)cudaRuntimeGetVersion(&device.runtime);
    int count = 0;
    if (const char* problem = problem_of(cudaGetDeviceCount(&count))) return problem;
    if (count == 0) return "there is no card";
    if (const char* problem = problem_of(cudaSetDevice(0))) return problem;
    cudaDeviceProp properties;
    if (const char* problem = problem_of(cudaGetDeviceProperties(&properties, 0))) return problem;
    std::memcpy(device.name, properties.name, sizeof(device.name) - 1);
    return nullptr;
}

Problem room(Room& room) {
    std::size_t unused = 0;
    std::size_t all = 0;
    if (const char* problem = problem_of(cudaMemGetInfo(&unused, &all))) return problem;
    room.bytes = all;
    room.free_bytes = unused;
    return nullptr;
}

Problem allocate(void** made, std::size_t bytes, bool* full) {
    const cudaError_t error = cudaMalloc(made, bytes);
    *full = error == cudaErrorMemoryAllocation;
    if (*full) (void)cudaGetLastError();  // or the next kernel would be blamed for it
    return problem_of(error);
}

Problem release(void* memory) { return problem_of(cudaFree(memory)); }

Problem copy_to(void* card, const void* host, std::size_t bytes) {
    return problem_of(cudaMemcpy(card, host, bytes, cudaMemcpyHostToDevice));
}

Problem copy_from(void* host, const void* card, std::size_t bytes) {
    return problem_of(cudaMemcpy(host, card, bytes, cudaMemcpyDeviceToHost));
}

Problem copy_rows_to(void* card, const void* host, std::size_t bytes, std::size_t pitch,
                     std::size_t rows) {
    return problem_of(cudaMemcpy2D(card, bytes, host, pitch, bytes, rows, cudaMemcpyHostToDevice));
}

Problem copy_rows_from(void* host, const void* card, std::size_t bytes, std::size_t pitch,
                       std::size_t rows) {
    return problem_of(cudaMemcpy2D(host, pitch, card, bytes, bytes, rows, cudaMemcpyDeviceToHost));
}

}  // namespace hsa::cuda
