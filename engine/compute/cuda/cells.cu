#include "engine/compute/cuda/calls.h"
#include "engine/compute/cuda/launch.cuh"
#include "engine/compute/cuda/product.cuh"

namespace hsa::cuda {
namespace {

__global__ void __launch_bounds__(kThreads* kThreads)
    cells_block(const float* p, std::size_t rows, const float* k, std::size_t keys,
                std::size_t columns, float* out) {
    __shared__ Tile left;
    __shared__ Tile right;
    const std::size_t first_row = static_cast<std::size_t>(blockIdx.y) * kSide;
    const std::size_t first_key = static_cast<std::size_t>(blockIdx.x) * kSide;
    Part sum = {};
    add_rows_product(p, rows, first_row, k, keys, first_key, columns, left, right, sum);
    for_part(first_row, rows, first_key, keys,
             [&](int piece, int e, std::size_t row, std::size_t key) {
                 out[row * keys + key] = sum[piece][e];
             });
}

}  // namespace

Problem cells(const float* p, std::size_t rows, const float* k, std::size_t keys,
              std::size_t columns, float* out) {
    return launch(cells_block, dim3(groups(keys, kSide), groups(rows, kSide)),
                  dim3(kThreads, kThreads), p, rows, k, keys, columns, out);
}

}  // namespace hsa::cuda
