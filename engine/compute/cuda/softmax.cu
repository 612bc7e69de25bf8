#include "engine/compute/cuda/calls.h"
#include "engine/compute/cuda/launch.cuh"

#include <cmath>

namespace hsa::cuda {
namespace {

constexpr unsigned kWarp = 32;  // threads of a row
constexpr unsigned kRows = 8;   // of a block
constexpr unsigned kAll = 0xffffffffU;

__device__ float warp_most(float value) {
    for (unsigned step = kWarp / 2; step > 0; step /= 2)
        value = fmaxf(value, __shfl_xor_sync(kAll, value, step));
    return value;
}

__device__ float warp_sum(float value) {
    for (unsigned step = kWarp / 2; step > 0; step /= 2)
        value += __shfl_xor_sync(kAll, value, step);
    return value;
}

__global__ void softmax_block(float* p, std::size_t rows, std::size_t columns, float far_logit,
                              std::uint32_t* far) {
    const std::size_t row = blockIdx.x * static_cast<std::size_t>(kRows) + threadIdx.y;
    if (row >= rows) return;  // a whole warp
    float* own = p + row * columns;
    float most = -3.402823466e38F;
    for (std::size_t s = threadIdx.x; s < columns; s += kWarp) most = fmaxf(most, own[s]);
    most = warp_most(most);
    float sum = 0.0F;
    for (std::size_t s = threadIdx.x; s < columns; s += kWarp) {
        const float e = expf(own[s] - most);
        own[s] = e;
        sum += e;
    }
    const float scale = 1.0F / warp_sum(sum);
    for (std::size_t s = threadIdx.x; s < columns; s += kWarp) own[s] *= scale;
    if (threadIdx.x == 0) far[row] = most >= far_logit ? 0U : 1U;
}

}  // namespace

Problem softmax(float* p, std::size_t rows, std::size_t columns, float far_logit,
                std::uint32_t* far) {
    return launch(softmax_block, dim3(groups(rows, kRows)), dim3(kWarp, kRows), p, rows, columns,
                  far_logit, far);
}

}  // namespace hsa::cuda
