#include "engine/compute/cuda/calls.h"
#include "engine/compute/cuda/launch.cuh"

#include <cmath>

namespace hsa::cuda {
namespace {

constexpr int kSplats = 32;  // of a block: neighbours in a row of ell
constexpr int kLanes = 8;    // threads that share a splat's rows

__global__ void exponentials_block(float* ell, std::size_t rows, std::size_t splats,
                                   const float* log_row_weight, std::size_t tile, float* most,
                                   double* sums) {
    __shared__ float greatest_of[kLanes][kSplats];
    __shared__ double sum_of[kLanes][kSplats];
    const std::size_t splat = blockIdx.x * static_cast<std::size_t>(kSplats) + threadIdx.x;
    const std::size_t begin = blockIdx.y * tile;
    const std::size_t end = begin + tile < rows ? begin + tile : rows;
    const bool here = splat < splats;
    const auto weighed = [&](std::size_t i) {
        const float value = ell[i * splats + splat];
        return log_row_weight == nullptr ? value : value + log_row_weight[i];
    };
    float greatest = -3.402823466e38F;
    if (here)
        for (std::size_t i = begin + threadIdx.y; i < end; i += kLanes)
            greatest = fmaxf(greatest, weighed(i));
    greatest_of[threadIdx.y][threadIdx.x] = greatest;
    __syncthreads();
    for (int lane = 0; lane < kLanes; ++lane)
        greatest = fmaxf(greatest, greatest_of[lane][threadIdx.x]);
    double sum = 0.0;
    if (here)
        for (std::size_t i = begin + threadIdx.y; i < end; i += kLanes) {
            const float e = expf(weighed(i) - greatest);
            ell[i * splats + splat] = e;
            sum += static_cast<double>(e);
        }
    sum_of[threadIdx.y][threadIdx.x] = sum;
    __syncthreads();
    sum = 0.0;
    for (int lane = 0; lane < kLanes; ++lane) sum += sum_of[lane][threadIdx.x];
    if (!here) return;
    if (threadIdx.y == 0) {
        most[blockIdx.y * splats + splat] = greatest;
        sums[blockIdx.y * splats + splat] = sum;
    }
}

}  // namespace

Problem exponentials(float* ell, std::size_t rows, std::size_t splats, const float* log_row_weight,
                     std::size_t tile, float* most, double* sums) {
    return launch(exponentials_block, dim3(groups(splats, kSplats), groups(rows, tile)),
                  dim3(kSplats, kLanes), ell, rows, splats, log_row_weight, tile, most, sums);
}

}  // namespace hsa::cuda
