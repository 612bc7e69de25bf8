#pragma once

#include "engine/compute/cuda/calls.h"
#include "engine/compute/formulas.h"

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

// Loops over what a thread holds, so that it stays in registers.
#if defined(__CUDACC__)
#define HSA_UNROLL _Pragma("unroll")
#else
#define HSA_UNROLL
#endif

namespace hsa::cuda {

// A block of 256 threads makes kSide x kSide numbers. Where a thread makes kOwn x kOwn of them they
// lie kThreads apart, so that neighbours read neighbours.
constexpr int kThreads = 16;  // a direction
constexpr int kOwn = 4;
constexpr int kSide = kThreads * kOwn;
constexpr int kDepth = 16;  // axes of log kernels at a time

// [kDepth][kSide]; the row is padded so that threads that write a column meet other banks.
using Panel = float[kDepth][kSide + 1];
// [terms][numbers] of a product; the row is padded so that what the lanes of a warp read for an
// instruction of the tensor cores (product.cuh) lies in 32 banks.
using Tile = float[kSide][kSide + 8];

// What stands in shared memory one after the other: axes of rows and splats, then the right tile of
// a product.
union Stage {
    struct {
        Panel rows;
        Panel centres;
        Panel rates;
    } axes;
    Tile right;
};

__device__ inline int lane_of_block() {
    return static_cast<int>(threadIdx.y) * kThreads + static_cast<int>(threadIdx.x);
}

// Four neighbours of a row of `width` numbers from column `at` on, zeros beyond its end: at once
// where rows begin at whole vectors.
__device__ inline float4 four_of(const float* row, std::size_t at, std::size_t width) {
    if (width % 4 == 0)
        return at < width ? *reinterpret_cast<const float4*>(row + at)
                          : float4{0.0F, 0.0F, 0.0F, 0.0F};
    return {at < width ? row[at] : 0.0F, at + 1 < width ? row[at + 1] : 0.0F,
            at + 2 < width ? row[at + 2] : 0.0F, at + 3 < width ? row[at + 3] : 0.0F};
}

// Columns [begin, begin + kCount) of rows [first, first + kSide) of a matrix [count, width],
// turned: to[column][row].
template <int kCount, int kWidth>
__device__ inline void fill_turned(const float* from, std::size_t count, std::size_t width,
                                   std::size_t first, std::size_t begin,
                                   float (&to)[kCount][kWidth]) {
    for (int at = lane_of_block(); at < kSide * kCount / 4; at += kThreads * kThreads) {
        const int number = at % kSide;
        const int term = at / kSide * 4;
        const std::size_t row = first + static_cast<std::size_t>(number);
        float4 four{0.0F, 0.0F, 0.0F, 0.0F};
        if (row < count)
            four = four_of(from + row * width, begin + static_cast<std::size_t>(term), width);
        to[term][number] = four.x;
        to[term + 1][number] = four.y;
        to[term + 2][number] = four.z;
        to[term + 3][number] = four.w;
    }
}

// -ell of one pair in float64, because a rounding of x - centre may grow by the root of the
// covariance's condition. CardForms (card/card.h) says what the numbers are.
__device__ inline float mixed_log_kernel(const float* row, const SplatForms& splats,
                                         std::size_t splat) {
    const std::size_t dimension = splats.dimension;
    const float* middle = splats.centre + splat * dimension;
    const std::uint32_t* place = splats.places + 4 * splat;
    const double* numbers = splats.form + place[0];
    double sum = 0.0;
    if (place[1] != 0U) {
        for (std::size_t b = 0; b < dimension; ++b) {
            double t = 0.0;
            for (std::size_t a = 0; a <= b; ++a)
                t += numbers[b * dimension + a] *
                     (static_cast<double>(row[a]) - static_cast<double>(middle[a]));
            sum += t * t;
        }
    } else {
        for (std::size_t a = 0; a < dimension; ++a) {
            const double z =
                numbers[a] * (static_cast<double>(row[a]) - static_cast<double>(middle[a]));
            sum += z * z;
        }
        const double* axis = numbers + dimension;
        for (std::uint32_t r = 0; r < place[2]; ++r, axis += 1 + dimension) {
            double along = 0.0;
            for (std::size_t a = 0; a < dimension; ++a)
                along += axis[1 + a] * numbers[a] *
                         (static_cast<double>(row[a]) - static_cast<double>(middle[a]));
            sum -= axis[0] * along * along;
        }
    }
    return held_log_kernel(-splats.half[splat] * sum);
}

// ell of the kSide rows from first_row and the kSide splats from first_splat, in registers: thread
// (x, y) gets those of rows or splats x + c kThreads and of the others y + o kThreads, rows along y
// unless kRowsAlongX; out[o][c]. By differences: nothing cancels, and each number is the same sum
// wherever it stands. Every thread of the block calls it; pairs beyond the end are not to be used.
template <bool kMixed, bool kRowsAlongX>
__device__ inline void log_kernels(const float* x, std::size_t rows, std::size_t first_row,
                                   const SplatForms& splats, std::size_t first_splat, Stage& stage,
                                   float (&out)[kOwn][kOwn]) {
    const int own_x = static_cast<int>(threadIdx.x);
    const int own_y = static_cast<int>(threadIdx.y);
    for (int o = 0; o < kOwn; ++o)
        for (int c = 0; c < kOwn; ++c) out[o][c] = 0.0F;
    if constexpr (kMixed) {
        for (int o = 0; o < kOwn; ++o)
            for (int c = 0; c < kOwn; ++c) {
                const int along_x = own_x + c * kThreads;
                const int along_y = own_y + o * kThreads;
                const std::size_t row =
                    first_row + static_cast<std::size_t>(kRowsAlongX ? along_x : along_y);
                const std::size_t splat =
                    first_splat + static_cast<std::size_t>(kRowsAlongX ? along_y : along_x);
                if (row < rows && splat < splats.splats)
                    out[o][c] = mixed_log_kernel(x + row * splats.dimension, splats, splat);
            }
    } else {
        for (std::size_t begin = 0; begin < splats.dimension; begin += kDepth) {
            fill_turned(x, rows, splats.dimension, first_row, begin, stage.axes.rows);
            fill_turned(splats.centre, splats.splats, splats.dimension, first_splat, begin,
                        stage.axes.centres);
            fill_turned(splats.rate, splats.splats, splats.dimension, first_splat, begin,
                        stage.axes.rates);
            __syncthreads();
            for (int term = 0; term < kDepth; ++term) {
                const int row_at = kRowsAlongX ? own_x : own_y;
                const int splat_at = kRowsAlongX ? own_y : own_x;
                float row[kOwn];
                float centre[kOwn];
                float rate[kOwn];
                for (int o = 0; o < kOwn; ++o) {
                    row[o] = stage.axes.rows[term][row_at + o * kThreads];
                    centre[o] = stage.axes.centres[term][splat_at + o * kThreads];
                    rate[o] = stage.axes.rates[term][splat_at + o * kThreads];
                }
                for (int o = 0; o < kOwn; ++o)
                    for (int c = 0; c < kOwn; ++c) {
                        const int r = kRowsAlongX ? c : o;
                        const int s = kRowsAlongX ? o : c;
                        const float t = rate[s] * (row[r] - centre[s]);
                        out[o][c] += t * t;
                    }
            }
            __syncthreads();
        }
        for (int o = 0; o < kOwn; ++o)
            for (int c = 0; c < kOwn; ++c)
                out[o][c] = out[o][c] < -kLeastLogKernel ? -out[o][c] : kLeastLogKernel;
    }
}

}  // namespace hsa::cuda
