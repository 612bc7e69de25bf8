#include "engine/compute/cuda/calls.h"
#include "engine/compute/cuda/launch.cuh"

#include <cstring>

namespace hsa::cuda {

Problem describe(Device& device) {
    int count = 0;
    if (const char* problem = problem_of(cudaGetDeviceCount(&count))) return problem;
    if (count == 0) return "there is no card";
    if (const char* problem = problem_of(cudaSetDevice(0))) return problem;
    cudaDeviceProp properties;
    if (const char* problem = problem_of(cudaGetDeviceProperties(&properties, 0))) return problem;
    std::memcpy(device.name, properties.name, sizeof(device.name) - 1);
    std::size_t unused = 0;
    std::size_t all = 0;
    if (const char* problem = problem_of(cudaMemGetInfo(&unused, &all))) return problem;
    device.memory_bytes = all;
    device.free_bytes = unused;
    return nullptr;
}

Problem allocate(void** made, std::size_t bytes) { return problem_of(cudaMalloc(made, bytes)); }

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
