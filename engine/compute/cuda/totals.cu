#include "engine/compute/cuda/launch.cuh"
#include "engine/compute/cuda/product.cuh"
#include "engine/compute/cuda/row_calls.h"

#include <cmath>

// Normalisers of exact rows: scores are formed a block at a time, and what leaves it is their
// largest and the sum of their exponentials of every row.
namespace hsa::cuda {
namespace {

__global__ void __launch_bounds__(kThreads* kThreads)
    totals_block(TotalsOf of, float* most, float* sum) {
    __shared__ Tile left;
    __shared__ Tile right;
    const std::size_t first_row = static_cast<std::size_t>(blockIdx.y) * kSide;
    const std::size_t first_column = static_cast<std::size_t>(blockIdx.x) * kSide;
    Part score = {};
    add_rows_product(of.queries, of.rows, first_row, of.keys, of.columns, first_column,
                     of.dimension, left, right, score);
    for (int piece = 0; piece < kPieces; ++piece)
        for (int e = 0; e < 4; ++e) {
            const Place at = place_in_product(piece, e);
            left[at.column][at.row] = score[piece][e];
        }
    __syncthreads();
    const int own = lane_of_block();
    const std::size_t row = first_row + static_cast<std::size_t>(own);
    if (own >= kSide || row >= of.rows) return;
    std::size_t end = of.columns;
    if (of.seen != nullptr && of.seen[row] < end) end = of.seen[row];
    const std::size_t left_over = end > first_column ? end - first_column : 0;
    const int count = left_over < kSide ? static_cast<int>(left_over) : kSide;
    float largest = -INFINITY;
    for (int column = 0; column < count; ++column) largest = fmaxf(largest, left[column][own]);
    float total = 0.0F;
    for (int column = 0; column < count; ++column) total += expf(left[column][own] - largest);
    most[row * gridDim.x + blockIdx.x] = largest;
    sum[row * gridDim.x + blockIdx.x] = total;
}

}  // namespace

std::size_t total_blocks(std::size_t columns) { return groups(columns, kSide); }

Problem score_totals(const TotalsOf& of, float* most, float* sum) {
    return launch(totals_block, dim3(groups(of.columns, kSide), groups(of.rows, kSide)),
                  dim3(kThreads, kThreads), of, most, sum);
}

}  // namespace hsa::cuda
