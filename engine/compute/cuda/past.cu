#include "engine/compute/cuda/launch.cuh"
#include "engine/compute/cuda/product.cuh"
#include "engine/compute/cuda/row_calls.h"

// Outputs of causal attention, in chunks of rows: what the chunks before left in every splat times
// the row's weights, and the cells of its own chunk on and below the diagonal times their values.
namespace hsa::cuda {
namespace {

// Rows [begin, begin + kSide) below `end` of a matrix [end, width], columns [first, first + kSide):
// to[row][column].
__device__ void fill_straight(const float* from, std::size_t begin, std::size_t end,
                              std::size_t first, std::size_t width, Tile& to) {
    for (int at = lane_of_block(); at < kSide * kSide; at += kThreads * kThreads) {
        const int term = at / kSide;
        const int number = at % kSide;
        const std::size_t row = begin + static_cast<std::size_t>(term);
        const std::size_t column = first + static_cast<std::size_t>(number);
        to[term][number] = row < end && column < width ? from[row * width + column] : 0.0F;
    }
}

__global__ void __launch_bounds__(kThreads* kThreads) chunk_sums(PastOf of, float* before) {
    __shared__ Tile left;
    __shared__ Tile right;
    const std::size_t tiles = (of.splats + kSide - 1) / kSide;
    const std::size_t chunk = blockIdx.x / tiles;
    const std::size_t first_splat = blockIdx.x % tiles * kSide;
    const std::size_t first_column = static_cast<std::size_t>(blockIdx.y) * kSide;
    const std::size_t begin = chunk * of.chunk;
    const std::size_t end = begin + of.chunk < of.rows ? begin + of.chunk : of.rows;
    Part sum = {};
    for (std::size_t row = begin; row < end; row += kSide) {
        fill_straight(of.keys, row, end, first_splat, of.splats, left);
        fill_straight(of.values, row, end, first_column, of.columns, right);
        __syncthreads();
        add_product(left, right, sum);
        __syncthreads();
    }
    for_part(first_splat, of.splats, first_column, of.columns,
             [&](int piece, int e, std::size_t splat, std::size_t column) {
                 before[(chunk * of.splats + splat) * of.columns + column] = sum[piece][e];
             });
}

// The sums of chunks become those of the chunks before each.
__global__ void sums_before(std::size_t chunks, std::size_t numbers, bool goes_on, float* before,
                            double* total) {
    const std::size_t number = blockIdx.x * static_cast<std::size_t>(blockDim.x) + threadIdx.x;
    if (number >= numbers) return;
    double sum = goes_on ? total[number] : 0.0;
    for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
        float& own = before[chunk * numbers + number];
        const auto added = static_cast<double>(own);
        own = static_cast<float>(sum);
        sum += added;
    }
    total[number] = sum;
}

__global__ void __launch_bounds__(kThreads* kThreads)
    past_block(PastOf of, const float* before, float* out) {
    __shared__ Tile left;
    __shared__ Tile right;
    const std::size_t first_row = static_cast<std::size_t>(blockIdx.x) * kSide;
    const std::size_t first_column = static_cast<std::size_t>(blockIdx.y) * kSide;
    const std::size_t chunk = first_row / of.chunk;
    const float* past = before + chunk * of.splats * of.columns;
    Part sum = {};
    for (std::size_t splat = 0; splat < of.splats; splat += kSide) {
        fill_turned(of.weight, of.rows, of.splats, first_row, splat, left);
        fill_straight(past, splat, of.splats, first_column, of.columns, right);
        __syncthreads();
        add_product(left, right, sum);
        __syncthreads();
    }
    for (std::size_t first_key = chunk * of.chunk; first_key <= first_row; first_key += kSide) {
        Part cells = {};
        add_rows_product(of.weight, of.rows, first_row, of.keys, of.rows, first_key, of.splats,
                         left, right, cells);
        for (int piece = 0; piece < kPieces; ++piece)
            for (int e = 0; e < 4; ++e) {
                const Place at = place_in_product(piece, e);
                const bool sees = first_key < first_row || at.column <= at.row;
                left[at.column][at.row] = sees ? cells[piece][e] : 0.0F;
            }
        fill_straight(of.values, first_key, of.rows, first_column, of.columns, right);
        __syncthreads();
        add_product(left, right, sum);
        __syncthreads();
    }
    for_part(first_row, of.rows, first_column, of.columns,
             [&](int piece, int e, std::size_t row, std::size_t column) {
                 out[row * of.columns + column] = sum[piece][e];
             });
}

}  // namespace

Problem past_sums(const PastOf& of, bool goes_on, float* before, double* total) {
    constexpr unsigned kNumbers = 256;  // of a group
    const std::size_t chunks = groups(of.rows, of.chunk);
    const std::size_t numbers = of.splats * of.columns;
    if (const Problem problem =
            launch(chunk_sums,
                   dim3(static_cast<unsigned>(chunks) * groups(of.splats, kSide),
                        groups(of.columns, kSide)),
                   dim3(kThreads, kThreads), of, before))
        return problem;
    return launch(sums_before, dim3(groups(numbers, kNumbers), 1), dim3(kNumbers, 1), chunks,
                  numbers, goes_on, before, total);
}

Problem past_outputs(const PastOf& of, const float* before, float* out) {
    return launch(past_block, dim3(groups(of.rows, kSide), groups(of.columns, kSide)),
                  dim3(kThreads, kThreads), of, before, out);
}

}  // namespace hsa::cuda
