#pragma once

#include <cuda_runtime.h>

namespace hsa::cuda {

// A block of 256 threads makes kSide x kSide numbers, kOwn x kOwn a thread, from kDepth terms at a
// time in shared memory. A thread's numbers lie kThreads apart, so that neighbours read neighbours.
constexpr int kThreads = 16;  // a direction
constexpr int kOwn = 4;
constexpr int kSide = kThreads * kOwn;
constexpr int kDepth = 16;

// [kDepth][kSide]; the row is padded so that threads that write a column meet other banks.
using Panel = float[kDepth][kSide + 1];

// Entry (term, number) of a panel that thread `lane` of 256 fills in its step `step` of kOwn, from
// a matrix whose rows are the numbers (neighbours take neighbouring terms) ...
struct Filled {
    int term;
    int number;
};
__device__ inline Filled along_terms(int lane, int step) {
    const int at = lane + step * kThreads * kThreads;
    return {at % kDepth, at / kDepth};
}
// ... or whose rows are the terms (neighbours take neighbouring numbers).
__device__ inline Filled along_numbers(int lane, int step) {
    const int at = lane + step * kThreads * kThreads;
    return {at / kSide, at % kSide};
}

}  // namespace hsa::cuda
