#pragma once

#include "engine/compute/cuda/block.cuh"

#include <cstdint>
#include <cstring>

// Products of tiles in shared memory on the tensor cores: numbers [kSide, kSide] += left^T right
// over kSide terms. A float32 is split into two TF32 numbers, high and low, and high high +
// high low + low high is added up in float32: what is left out is 2^-22 of a product, so the error
// is that of float32, 2^-24 a sum, not the 2^-11 of TF32 alone. Cards before 8.0 have no TF32 and
// add in float32; the tests run the twin below, which splits as the card does.
namespace hsa::cuda {

constexpr int kWarp = 32;
constexpr int kWarpRows = 16;                 // of the product, a warp
constexpr int kWarpColumns = 32;              // of it
constexpr int kRowWarps = kSide / kWarpRows;  // warps side by side along the rows
constexpr int kPieces = kWarpColumns / 8;     // instructions a warp's columns
constexpr int kTerms = 8;                     // of an instruction

// A thread's part of kSide x kSide numbers: four of each of kPieces pieces of 16 x 8.
using Part = float[kPieces][4];

// Where number `e` of piece `piece` of this thread's part stands in the kSide x kSide: with the
// lane = 4 g + t of a warp it is row g, or g + 8 from e = 2 on, and column 2 t + e % 2 of the
// piece.
struct Place {
    int row;
    int column;
};
__device__ inline Place place_in_product(int piece, int e) {
    const int lane = lane_of_block() % kWarp;
    const int warp = lane_of_block() / kWarp;
    return {warp % kRowWarps * kWarpRows + lane / 4 + (e >= 2 ? 8 : 0),
            warp / kRowWarps * kWarpColumns + piece * 8 + lane % 4 * 2 + e % 2};
}

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
struct Split {
    std::uint32_t high;
    std::uint32_t low;
};
__device__ inline Split split(float value) {
    Split made;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(made.high) : "f"(value));
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(made.low) : "f"(value - __uint_as_float(made.high)));
    return made;
}
__device__ inline void add_on_tensor_cores(float (&sum)[4], const std::uint32_t (&a)[4],
                                           const std::uint32_t (&b)[2]) {
    asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
        "{%0,%1,%2,%3};"
        : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

__device__ inline void add_product(const Tile& left, const Tile& right, Part& sum) {
    const int lane = lane_of_block() % kWarp;
    const int warp = lane_of_block() / kWarp;
    const int row = warp % kRowWarps * kWarpRows + lane / 4;
    const int column = warp / kRowWarps * kWarpColumns + lane / 4;
    const int own = lane % 4;
#pragma unroll
    for (int term = 0; term < kSide; term += kTerms) {
        std::uint32_t high[4];
        std::uint32_t low[4];
#pragma unroll
        for (int e = 0; e < 4; ++e) {
            const Split a = split(left[term + own + e / 2 * 4][row + e % 2 * 8]);
            high[e] = a.high;
            low[e] = a.low;
        }
#pragma unroll
        for (int piece = 0; piece < kPieces; ++piece) {
            const Split first = split(right[term + own][column + piece * 8]);
            const Split second = split(right[term + own + 4][column + piece * 8]);
            const std::uint32_t right_high[2] = {first.high, second.high};
            const std::uint32_t right_low[2] = {first.low, second.low};
            add_on_tensor_cores(sum[piece], low, right_high);
            add_on_tensor_cores(sum[piece], high, right_low);
            add_on_tensor_cores(sum[piece], high, right_high);
        }
    }
}
#else
struct Split {
    float high;
    float low;
};
__device__ inline Split split(float value) {
#if defined(__CUDA_ARCH__)
    return {value, 0.0F};
#else
    // TF32 has 10 bits behind the point: halves are rounded away from zero, as the card does.
    const auto high_of = [](float number) {
        std::uint32_t bits = 0;
        std::memcpy(&bits, &number, sizeof(bits));
        bits = (bits + 0x1000U) & 0xffffe000U;
        std::memcpy(&number, &bits, sizeof(bits));
        return number;
    };
    const float high = high_of(value);
    return {high, high_of(value - high)};
#endif
}
__device__ inline float multiplied(Split a, Split b) {
#if defined(__CUDA_ARCH__)
    return a.high * b.high;
#else
    return a.low * b.high + a.high * b.low + a.high * b.high;
#endif
}

__device__ inline void add_product(const Tile& left, const Tile& right, Part& sum) {
    const int upper = place_in_product(0, 0).row;
    const int lower = place_in_product(0, 2).row;
    for (int term = 0; term < kSide; ++term) {
        const Split first = split(left[term][upper]);
        const Split second = split(left[term][lower]);
        for (int piece = 0; piece < kPieces; ++piece)
            for (int e = 0; e < 2; ++e) {
                const Split other = split(right[term][place_in_product(piece, e).column]);
                sum[piece][e] += multiplied(first, other);
                sum[piece][e + 2] += multiplied(second, other);
            }
    }
}
#endif

// Calls task(piece, e, row, column) for this thread's numbers that lie in a matrix [rows, columns].
template <class Task>
__device__ inline void for_part(std::size_t first_row, std::size_t rows, std::size_t first_column,
                                std::size_t columns, Task task) {
    HSA_UNROLL
    for (int piece = 0; piece < kPieces; ++piece) HSA_UNROLL
    for (int e = 0; e < 4; ++e) {
        const Place at = place_in_product(piece, e);
        const std::size_t row = first_row + static_cast<std::size_t>(at.row);
        const std::size_t column = first_column + static_cast<std::size_t>(at.column);
        if (row < rows && column < columns) task(piece, e, row, column);
    }
}

// sum += p k^T of kSide rows of p [rows, columns] and of k [keys, columns]. Every thread calls it.
__device__ inline void add_rows_product(const float* p, std::size_t rows, std::size_t first_row,
                                        const float* k, std::size_t keys, std::size_t first_key,
                                        std::size_t columns, Tile& left, Tile& right, Part& sum) {
    for (std::size_t begin = 0; begin < columns; begin += kSide) {
        fill_turned(p, rows, columns, first_row, begin, left);
        fill_turned(k, keys, columns, first_key, begin, right);
        __syncthreads();
        add_product(left, right, sum);
        __syncthreads();
    }
}

}  // namespace hsa::cuda
