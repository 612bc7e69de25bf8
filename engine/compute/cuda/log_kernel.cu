#include "engine/compute/cuda/block.cuh"
#include "engine/compute/cuda/calls.h"
#include "engine/compute/cuda/launch.cuh"

namespace hsa::cuda {
namespace {

template <bool kMixed>
__global__ void log_kernel_block(const float* x, std::size_t rows, SplatForms splats, float* ell,
                                 std::size_t stride, std::size_t first) {
    __shared__ Stage stage;
    const std::size_t first_row = static_cast<std::size_t>(blockIdx.y) * kSide;
    const std::size_t first_splat = static_cast<std::size_t>(blockIdx.x) * kSide;
    float own[kOwn][kOwn];
    log_kernels<kMixed, false>(x, rows, first_row, splats, first_splat, stage, own);
    for (int r = 0; r < kOwn; ++r)
        for (int s = 0; s < kOwn; ++s) {
            const std::size_t row =
                first_row + threadIdx.y + static_cast<std::size_t>(r) * kThreads;
            const std::size_t splat =
                first_splat + threadIdx.x + static_cast<std::size_t>(s) * kThreads;
            if (row < rows && splat < splats.splats) ell[row * stride + first + splat] = own[r][s];
        }
}

}  // namespace

Problem log_kernel(const float* x, std::size_t rows, const SplatForms& splats, float* ell,
                   std::size_t stride, std::size_t first) {
    return launch(splats.rate != nullptr ? log_kernel_block<false> : log_kernel_block<true>,
                  dim3(groups(splats.splats, kSide), groups(rows, kSide)), dim3(kThreads, kThreads),
                  x, rows, splats, ell, stride, first);
}

}  // namespace hsa::cuda
