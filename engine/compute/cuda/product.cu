#include "engine/compute/cuda/block.cuh"
#include "engine/compute/cuda/calls.h"
#include "engine/compute/cuda/launch.cuh"

namespace hsa::cuda {
namespace {

// What a block adds up: terms [from, to) of number `row` of the left and of `column` of the right.
__device__ void add_terms(const Panel& left, const Panel& right, float (&sum)[kOwn][kOwn]) {
    for (int term = 0; term < kDepth; ++term) {
        float rights[kOwn];
        for (int c = 0; c < kOwn; ++c)
            rights[c] = right[term][static_cast<int>(threadIdx.x) + c * kThreads];
        for (int r = 0; r < kOwn; ++r) {
            const float value = left[term][static_cast<int>(threadIdx.y) + r * kThreads];
            for (int c = 0; c < kOwn; ++c) sum[r][c] += value * rights[c];
        }
    }
}

// kTurned: a is [inner, rows] and chunk blockIdx.z of `chunk` terms has a product of its own; else
// a is [rows, inner] and all terms are one chunk.
template <bool kTurned>
__global__ void product_block(const float* a, std::size_t rows, std::size_t inner, const float* b,
                              std::size_t columns, std::size_t chunk, float* out) {
    __shared__ Panel left;
    __shared__ Panel right;
    const int lane = static_cast<int>(threadIdx.y) * kThreads + static_cast<int>(threadIdx.x);
    const std::size_t first_row = static_cast<std::size_t>(blockIdx.y) * kSide;
    const std::size_t first_column = static_cast<std::size_t>(blockIdx.x) * kSide;
    const std::size_t from = blockIdx.z * chunk;
    const std::size_t to = from + chunk < inner ? from + chunk : inner;
    float sum[kOwn][kOwn] = {};
    for (std::size_t begin = from; begin < to; begin += kDepth) {
        for (int step = 0; step < kOwn; ++step) {
            const Filled l = kTurned ? along_numbers(lane, step) : along_terms(lane, step);
            const std::size_t term = begin + static_cast<std::size_t>(l.term);
            const std::size_t row = first_row + static_cast<std::size_t>(l.number);
            left[l.term][l.number] = term < to && row < rows
                                         ? a[kTurned ? term * rows + row : row * inner + term]
                                         : 0.0F;
            const Filled r = along_numbers(lane, step);
            const std::size_t other = begin + static_cast<std::size_t>(r.term);
            const std::size_t column = first_column + static_cast<std::size_t>(r.number);
            right[r.term][r.number] =
                other < to && column < columns ? b[other * columns + column] : 0.0F;
        }
        __syncthreads();
        add_terms(left, right, sum);
        __syncthreads();
    }
    for (int r = 0; r < kOwn; ++r)
        for (int c = 0; c < kOwn; ++c) {
            const std::size_t row =
                first_row + threadIdx.y + static_cast<std::size_t>(r) * kThreads;
            const std::size_t column =
                first_column + threadIdx.x + static_cast<std::size_t>(c) * kThreads;
            if (row < rows && column < columns)
                out[(blockIdx.z * rows + row) * columns + column] = sum[r][c];
        }
}

dim3 grid_of(std::size_t rows, std::size_t columns, std::size_t chunks) {
    return dim3(groups(columns, kSide), groups(rows, kSide), static_cast<unsigned>(chunks));
}

}  // namespace

Problem multiply(const float* a, std::size_t rows, std::size_t inner, const float* b,
                 std::size_t columns, float* out) {
    return launch(product_block<false>, grid_of(rows, columns, 1), dim3(kThreads, kThreads), a,
                  rows, inner, b, columns, inner, out);
}

Problem multiply_chunks(const float* a, std::size_t rows, std::size_t inner, const float* b,
                        std::size_t columns, std::size_t chunk, float* out) {
    return launch(product_block<true>, grid_of(rows, columns, groups(inner, chunk)),
                  dim3(kThreads, kThreads), a, rows, inner, b, columns, chunk, out);
}

}  // namespace hsa::cuda
