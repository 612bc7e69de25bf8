#include "engine/compute/cuda/launch.cuh"
#include "engine/compute/cuda/product.cuh"
#include "engine/compute/cuda/row_calls.h"

#include <cmath>

// Rows of A = weight K^T + background against a target: cells are formed a block at a time, and
// what leaves it is their ratio T / A and, of every row and block of columns, sum T ln(T / A).
namespace hsa::cuda {
namespace {

constexpr float kLeastCell = 1e-30F;  // as attention/divergence.cpp
constexpr unsigned kKeyRows = 4;      // of a group that forms keys

__global__ void __launch_bounds__(kThreads* kThreads)
    ratio_block(RatioOf of, float* ratio, float* divergence) {
    __shared__ Tile left;
    __shared__ Tile right;
    const std::size_t first_row = static_cast<std::size_t>(blockIdx.y) * kSide;
    const std::size_t first_column = static_cast<std::size_t>(blockIdx.x) * kSide;
    Part sum = {};
    add_rows_product(of.weight, of.rows, first_row, of.keys, of.columns, first_column, of.splats,
                     left, right, sum);
    for (int piece = 0; piece < kPieces; ++piece)
        for (int e = 0; e < 4; ++e) {
            const Place at = place_in_product(piece, e);
            const std::size_t row = first_row + static_cast<std::size_t>(at.row);
            const std::size_t column = first_column + static_cast<std::size_t>(at.column);
            float part = 0.0F;
            if (row < of.rows && column < of.columns) {
                const std::size_t place = row * of.columns + column;
                float cell = sum[piece][e];
                if (of.background != nullptr) cell += of.background[row];
                if (of.seen != nullptr && column >= of.seen[row]) cell = 0.0F;
                const float wanted = of.target[place];
                const float share = wanted / fmaxf(cell, kLeastCell);
                const float logarithm = logf(fmaxf(share, kLeastCell));
                ratio[place] = of.times_log ? share * logarithm : share;
                part = wanted * logarithm;
            }
            left[at.column][at.row] = part;
        }
    __syncthreads();
    const int own = lane_of_block();
    const std::size_t row = first_row + static_cast<std::size_t>(own);
    if (own >= kSide || row >= of.rows) return;
    float total = 0.0F;
    for (int column = 0; column < kSide; ++column) total += left[column][own];
    divergence[row * gridDim.x + blockIdx.x] = total;
}

__global__ void keys_block(float* ell, std::size_t rows, std::size_t splats,
                           const float* log_mass) {
    const std::size_t splat = blockIdx.y * static_cast<std::size_t>(kSide) + threadIdx.x;
    const std::size_t row = blockIdx.x * static_cast<std::size_t>(kKeyRows) + threadIdx.y;
    if (row >= rows || splat >= splats) return;
    float& number = ell[row * splats + splat];
    number = expf(number - log_mass[splat]);
}

}  // namespace

std::size_t ratio_blocks(std::size_t columns) { return groups(columns, kSide); }

Problem ratios(const RatioOf& of, float* ratio, float* divergence) {
    return launch(ratio_block, dim3(groups(of.columns, kSide), groups(of.rows, kSide)),
                  dim3(kThreads, kThreads), of, ratio, divergence);
}

Problem kernel_to_keys(float* ell, std::size_t rows, std::size_t splats, const float* log_mass) {
    // More rows than a grid has groups down.
    return launch(keys_block, dim3(groups(rows, kKeyRows), groups(splats, kSide)),
                  dim3(kSide, kKeyRows), ell, rows, splats, log_mass);
}

}  // namespace hsa::cuda
