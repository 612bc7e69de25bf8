#include "engine/compute/cuda/block.cuh"
#include "engine/compute/cuda/calls.h"
#include "engine/compute/cuda/launch.cuh"
#include "engine/compute/cuda/product.cuh"

#include <cmath>

// Both passes of O = A V without a number of P or K in the card's memory. A block has kSide numbers
// (splats, or rows that ask) and goes through their terms (rows of keys, or splats), kSide at a
// time: log kernels in registers, exponentials over what has been summed so far in shared memory,
// their product with the terms' values added to means that are rescaled. Means, not sums: products
// of large values stay in their range.
namespace hsa::cuda {
namespace {

constexpr float kLowest = -3.402823466e38F;
constexpr unsigned kAllLanes = 0xffffffffU;

// Over the 16 lanes of a half warp: the threads of one threadIdx.y.
__device__ float most_along_x(float value) {
    for (unsigned step = kThreads / 2; step > 0; step /= 2)
        value = fmaxf(value, __shfl_xor_sync(kAllLanes, value, step));
    return value;
}
__device__ float sum_along_x(float value) {
    for (unsigned step = kThreads / 2; step > 0; step /= 2)
        value += __shfl_xor_sync(kAllLanes, value, step);
    return value;
}

// Terms [begin, begin + kSide) below `end` of columns [first, first + kSide) of the values.
__device__ void fill_right(const float* values, std::size_t columns, std::size_t begin,
                           std::size_t end, std::size_t first, Tile& right) {
    constexpr int kFours = kSide / 4;
    for (int at = lane_of_block(); at < kSide * kFours; at += kThreads * kThreads) {
        const int term = at / kFours;
        const int column = at % kFours * 4;
        const std::size_t row = begin + static_cast<std::size_t>(term);
        float4 four{0.0F, 0.0F, 0.0F, 0.0F};
        if (row < end)
            four =
                four_of(values + row * columns, first + static_cast<std::size_t>(column), columns);
        right[term][column] = four.x;
        right[term][column + 1] = four.y;
        right[term][column + 2] = four.z;
        right[term][column + 3] = four.w;
    }
}

// Calls task(group, piece, e, place) for this thread's parts of the means that there are, `place`
// in a matrix [numbers, columns].
template <int kGroups, class Task>
__device__ void for_means(std::size_t first, std::size_t numbers, std::size_t first_column,
                          std::size_t columns, Task task) {
    HSA_UNROLL
    for (int group = 0; group < kGroups; ++group)
        for_part(first, numbers, first_column + static_cast<std::size_t>(group) * kSide, columns,
                 [&](int piece, int e, std::size_t number, std::size_t column) {
                     task(group, piece, e, number * columns + column);
                 });
}

template <bool kMixed, bool kOfKeys, int kGroups>
__global__ void __launch_bounds__(kThreads* kThreads)
    online_means_block(const float* x, std::size_t rows, SplatForms splats, MeansOf of) {
    __shared__ Stage stage;
    __shared__ Tile shares;  // [term][number]
    __shared__ float keep_of[kSide];
    const std::size_t numbers = kOfKeys ? splats.splats : rows;
    const std::size_t terms = kOfKeys ? rows : splats.splats;
    const std::size_t first = static_cast<std::size_t>(blockIdx.x) * kSide;
    const std::size_t from = blockIdx.y * of.chunk;
    const std::size_t to = from + of.chunk < terms ? from + of.chunk : terms;
    const std::size_t first_column = static_cast<std::size_t>(blockIdx.z) * kGroups * kSide;
    // Before the first number of this chunk in most, sum and mean.
    const std::size_t base = blockIdx.y * numbers;

    float most[kOwn];
    float sum[kOwn];
    for (int o = 0; o < kOwn; ++o) {
        const std::size_t number = first + threadIdx.y + static_cast<std::size_t>(o) * kThreads;
        const bool known = of.most_before != nullptr && number < numbers;
        most[o] = known ? of.most_before[base + number] : kLowest;
        sum[o] = known ? of.sum_before[base + number] : 0.0F;
    }
    Part mean[kGroups] = {};
    float* means = of.mean + base * of.columns;
    if (of.most_before != nullptr)
        for_means<kGroups>(first, numbers, first_column, of.columns,
                           [&](int group, int piece, int e, std::size_t place) {
                               mean[group][piece][e] = means[place];
                           });

    for (std::size_t begin = from; begin < to; begin += kSide) {
        float ell[kOwn][kOwn];
        log_kernels<kMixed, kOfKeys>(x, rows, kOfKeys ? begin : first, splats,
                                     kOfKeys ? first : begin, stage, ell);
        HSA_UNROLL
        for (int o = 0; o < kOwn; ++o) {
            float greatest = most[o];
            for (int c = 0; c < kOwn; ++c) {
                const std::size_t term =
                    begin + threadIdx.x + static_cast<std::size_t>(c) * kThreads;
                if (term < to && of.add != nullptr) ell[o][c] += of.add[term];
                if (term < to) greatest = fmaxf(greatest, ell[o][c]);
            }
            greatest = most_along_x(greatest);
            float added = 0.0F;
            for (int c = 0; c < kOwn; ++c) {
                const std::size_t term =
                    begin + threadIdx.x + static_cast<std::size_t>(c) * kThreads;
                ell[o][c] = term < to ? expf(ell[o][c] - greatest) : 0.0F;
                added += ell[o][c];
            }
            added = sum_along_x(added);
            const float left = sum[o] * expf(most[o] - greatest);
            sum[o] = left + added;
            most[o] = greatest;
            const float share = sum[o] > 0.0F ? 1.0F / sum[o] : 0.0F;
            const int number = static_cast<int>(threadIdx.y) + o * kThreads;
            for (int c = 0; c < kOwn; ++c)
                shares[static_cast<int>(threadIdx.x) + c * kThreads][number] = ell[o][c] * share;
            if (threadIdx.x == 0) keep_of[number] = left * share;
        }
        HSA_UNROLL
        for (int group = 0; group < kGroups; ++group) {
            const std::size_t column = first_column + static_cast<std::size_t>(group) * kSide;
            if (column >= of.columns) continue;  // all threads
            fill_right(of.values, of.columns, begin, to, column, stage.right);
            __syncthreads();
            HSA_UNROLL
            for (int piece = 0; piece < kPieces; ++piece) HSA_UNROLL
            for (int e = 0; e < 4; ++e)
                mean[group][piece][e] *= keep_of[place_in_product(piece, e).row];
            add_product(shares, stage.right, mean[group]);
            __syncthreads();
        }
    }

    for (int o = 0; o < kOwn; ++o) {
        const std::size_t number = first + threadIdx.y + static_cast<std::size_t>(o) * kThreads;
        if (number < numbers && threadIdx.x == 0 && blockIdx.z == 0) {
            of.most[base + number] = most[o];
            of.sum[base + number] = sum[o];
        }
    }
    for_means<kGroups>(first, numbers, first_column, of.columns,
                       [&](int group, int piece, int e, std::size_t place) {
                           means[place] = mean[group][piece][e];
                       });
}

template <bool kMixed, bool kOfKeys>
Problem run(const float* x, std::size_t rows, const SplatForms& splats, const MeansOf& of) {
    const std::size_t numbers = kOfKeys ? splats.splats : rows;
    const std::size_t terms = kOfKeys ? rows : splats.splats;
    // Log kernels are formed once for as many columns as registers hold.
    const bool wide = of.columns > kSide;
    const unsigned passes = of.columns == 0 ? 1U : groups(of.columns, wide ? 2 * kSide : kSide);
    const dim3 grid(groups(numbers, kSide), groups(terms, of.chunk), passes);
    const dim3 block(kThreads, kThreads);
    return wide ? launch(online_means_block<kMixed, kOfKeys, 2>, grid, block, x, rows, splats, of)
                : launch(online_means_block<kMixed, kOfKeys, 1>, grid, block, x, rows, splats, of);
}

}  // namespace

Problem key_means(const float* x, std::size_t rows, const SplatForms& splats, const MeansOf& of) {
    return splats.rate != nullptr ? run<false, true>(x, rows, splats, of)
                                  : run<true, true>(x, rows, splats, of);
}

Problem query_means(const float* x, std::size_t rows, const SplatForms& splats, const MeansOf& of) {
    return splats.rate != nullptr ? run<false, false>(x, rows, splats, of)
                                  : run<true, false>(x, rows, splats, of);
}

}  // namespace hsa::cuda
