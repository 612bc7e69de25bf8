#include "engine/compute/cuda/calls.h"
#include "engine/compute/cuda/launch.cuh"

#include <cstring>

namespace hsa::cuda {

void tell_versions(Versions& versions) {
    (void)cudaDriverGetVersion(&versions.driver);
    (void)cudaRuntimeGetVersion(&versions.runtime);
}

Problem count_devices(int& count) {
    count = 0;
    if (const char* problem = problem_of(cudaGetDeviceCount(&count))) return problem;
    return count == 0 ? "there is no card" : nullptr;
}

Problem use(int index) { return problem_of(cudaSetDevice(index)); }

Problem describe(int index, Device& device) {
    if (const char* problem = use(index)) return problem;
    cudaDeviceProp properties;
    if (const char* problem = problem_of(cudaGetDeviceProperties(&properties, index)))
        return problem;
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

Problem open_stream(void** made) {
    cudaStream_t stream = nullptr;
    const Problem problem = problem_of(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    *made = stream;
    return problem;
}

Problem close_stream(void* stream) {
    return problem_of(cudaStreamDestroy(static_cast<cudaStream_t>(stream)));
}

Problem copy_rows_aside(void* card, const void* host, std::size_t bytes, std::size_t pitch,
                        std::size_t rows, void* stream) {
    const auto own = static_cast<cudaStream_t>(stream);
    if (const char* problem = problem_of(
            cudaMemcpy2DAsync(card, bytes, host, pitch, bytes, rows, cudaMemcpyHostToDevice, own)))
        return problem;
    return problem_of(cudaStreamSynchronize(own));
}

Problem allocate_host(void** made, std::size_t bytes) {
    return problem_of(cudaMallocHost(made, bytes));
}

Problem release_host(void* memory) { return problem_of(cudaFreeHost(memory)); }

Problem open_event(void** made) {
    cudaEvent_t event = nullptr;
    const Problem problem = problem_of(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
    *made = event;
    return problem;
}

Problem close_event(void* event) {
    return problem_of(cudaEventDestroy(static_cast<cudaEvent_t>(event)));
}

Problem record(void* event, void* stream) {
    return problem_of(
        cudaEventRecord(static_cast<cudaEvent_t>(event), static_cast<cudaStream_t>(stream)));
}

Problem wait_on_card(void* stream, void* event) {
    return problem_of(
        cudaStreamWaitEvent(static_cast<cudaStream_t>(stream), static_cast<cudaEvent_t>(event), 0));
}

Problem wait_on_host(void* event) {
    return problem_of(cudaEventSynchronize(static_cast<cudaEvent_t>(event)));
}

Problem copy_from_aside(void* host, const void* card, std::size_t bytes, void* stream) {
    return problem_of(cudaMemcpyAsync(host, card, bytes, cudaMemcpyDeviceToHost,
                                      static_cast<cudaStream_t>(stream)));
}

}  // namespace hsa::cuda
