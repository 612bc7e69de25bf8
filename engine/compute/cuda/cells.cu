#include "engine/compute/cuda/calls.h"
#include "engine/compute/cuda/launch.cuh"
#include "engine/compute/cuda/product.cuh"

namespace hsa::cuda {
namespace {

// Columns [begin, begin + kSide) of rows [first, first + kSide) of a matrix, turned.
__device__ void fill_turned(const float* from, std::size_t rows, std::size_t columns,
                            std::size_t first, std::size_t begin, Tile& to) {
    for (int at = lane_of_block(); at < kSide * kSide / 4; at += kThreads * kThreads) {
        const int number = at % kSide;
        const int term = at / kSide * 4;
        const std::size_t row = first + static_cast<std::size_t>(number);
        float4 four{0.0F, 0.0F, 0.0F, 0.0F};
        if (row < rows)
            four = four_of(from + row * columns, begin + static_cast<std::size_t>(term), columns);
        to[term][number] = four.x;
        to[term + 1][number] = four.y;
        to[term + 2][number] = four.z;
        to[term + 3][number] = four.w;
    }
}

__global__ void __launch_bounds__(kThreads* kThreads)
    cells_block(const float* p, std::size_t rows, const float* k, std::size_t keys,
                std::size_t columns, float* out) {
    __shared__ Tile left;
    __shared__ Tile right;
    const std::size_t first_row = static_cast<std::size_t>(blockIdx.y) * kSide;
    const std::size_t first_key = static_cast<std::size_t>(blockIdx.x) * kSide;
    Part sum = {};
    for (std::size_t begin = 0; begin < columns; begin += kSide) {
        fill_turned(p, rows, columns, first_row, begin, left);
        fill_turned(k, keys, columns, first_key, begin, right);
        __syncthreads();
        add_product(left, right, sum);
        __syncthreads();
    }
    for (int piece = 0; piece < kPieces; ++piece)
        for (int e = 0; e < 4; ++e) {
            const Place at = place_in_product(piece, e);
            const std::size_t row = first_row + static_cast<std::size_t>(at.row);
            const std::size_t key = first_key + static_cast<std::size_t>(at.column);
            if (row < rows && key < keys) out[row * keys + key] = sum[piece][e];
        }
}

}  // namespace

Problem cells(const float* p, std::size_t rows, const float* k, std::size_t keys,
              std::size_t columns, float* out) {
    return launch(cells_block, dim3(groups(keys, kSide), groups(rows, kSide)),
                  dim3(kThreads, kThreads), p, rows, k, keys, columns, out);
}

}  // namespace hsa::cuda
