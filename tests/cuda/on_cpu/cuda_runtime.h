#pragma once

// CUDA's words, so that the kernels of engine/compute/cuda run on the CPU: every thread of a block
// is a fibre, blocks run one after the other. What CUDA leaves undefined (a barrier that some
// threads of a block never reach, a shuffle that some lanes do not take part in) ends the test
// program with a sentence.

#include <cmath>
#include <cstddef>
#include <cstring>
#include <functional>

#define __global__
#define __device__
#define __host__
// One block runs at a time, and all its fibres on one thread.
#define __shared__ static
#define __launch_bounds__(...)

struct dim3 {
    unsigned x = 1;
    unsigned y = 1;
    unsigned z = 1;
    dim3() = default;
    dim3(unsigned of_x, unsigned of_y = 1, unsigned of_z = 1) : x(of_x), y(of_y), z(of_z) {}
};

struct alignas(16) float4 {
    float x;
    float y;
    float z;
    float w;
};

namespace cuda_on_cpu {

struct Index {
    unsigned x = 0;
    unsigned y = 0;
    unsigned z = 0;
};
// Of the fibre that runs.
extern Index thread_index;
extern Index block_index;
extern dim3 block_size;
extern dim3 grid_size;

void use_device(int device);  // of the calling thread
void run(dim3 grid, dim3 block, const std::function<void()>& kernel);
void block_barrier();
// How many devices there seem to be.
extern int devices;
// Kernels on the device of this index do nothing; -1: on none.
extern int idle_device;
// Every lane of a warp of 32 gives a number and takes that of lane ^ mask.
float exchange(float value, unsigned mask);
// A bit for every lane of the warp that says yes.
unsigned ballot(bool yes);

// A call of a function of CUDA's fails with this, after so many others; 0 is none.
extern int fail_with;
extern int fail_after;
// What the card has, and what other programs hold of it.
extern std::size_t card_bytes;
extern std::size_t bytes_of_others;
std::size_t bytes_held();  // of what this program asked for, now
std::size_t most_held();   // ... and the most since it was last asked
// CUDA of the driver and of the program, 1000 major + 10 minor.
extern int driver_version;
extern int runtime_version;

}  // namespace cuda_on_cpu

#define threadIdx (::cuda_on_cpu::thread_index)
#define blockIdx (::cuda_on_cpu::block_index)
#define blockDim (::cuda_on_cpu::block_size)
#define gridDim (::cuda_on_cpu::grid_size)

inline void __syncthreads() { cuda_on_cpu::block_barrier(); }
inline float __shfl_xor_sync(unsigned, float value, unsigned mask) {
    return cuda_on_cpu::exchange(value, mask);
}
inline unsigned __shfl_xor_sync(unsigned, unsigned value, unsigned mask) {
    float bits = 0.0F;
    std::memcpy(&bits, &value, sizeof(bits));
    bits = cuda_on_cpu::exchange(bits, mask);
    std::memcpy(&value, &bits, sizeof(bits));
    return value;
}
inline unsigned __ballot_sync(unsigned, bool yes) { return cuda_on_cpu::ballot(yes); }
inline int __popc(unsigned bits) { return __builtin_popcount(bits); }

using cudaError_t = int;
constexpr cudaError_t cudaSuccess = 0;
constexpr cudaError_t cudaErrorMemoryAllocation = 2;
constexpr cudaError_t cudaErrorInsufficientDriver = 35;
constexpr cudaError_t cudaErrorNoDevice = 100;
constexpr cudaError_t cudaErrorLaunchFailure = 719;
enum cudaMemcpyKind { cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost };
struct cudaDeviceProp {
    char name[256];
};

// What travels to the host on a stream arrives as late as it may: when somebody waits for it.
struct CudaStreamOnCpu;
struct CudaEventOnCpu;
using cudaStream_t = CudaStreamOnCpu*;
using cudaEvent_t = CudaEventOnCpu*;
constexpr unsigned cudaEventDisableTiming = 2;
constexpr unsigned cudaStreamNonBlocking = 1;

const char* cudaGetErrorString(cudaError_t error);
cudaError_t cudaGetLastError();
cudaError_t cudaDriverGetVersion(int* version);
cudaError_t cudaRuntimeGetVersion(int* version);
cudaError_t cudaGetDeviceCount(int* count);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device);
cudaError_t cudaMemGetInfo(std::size_t* unused, std::size_t* all);
cudaError_t cudaMalloc(void** made, std::size_t bytes);
cudaError_t cudaFree(void* memory);
cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind);
cudaError_t cudaMemcpy2D(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                         std::size_t bytes, std::size_t rows, cudaMemcpyKind kind);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* made, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaMallocHost(void** made, std::size_t bytes);
cudaError_t cudaFreeHost(void* memory);
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* made, unsigned flags);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags);
cudaError_t cudaEventSynchronize(cudaEvent_t event);
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream);
cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from,
                              std::size_t from_pitch, std::size_t bytes, std::size_t rows,
                              cudaMemcpyKind kind, cudaStream_t stream);
