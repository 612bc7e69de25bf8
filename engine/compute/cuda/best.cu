#include "engine/compute/cuda/calls.h"
#include "engine/compute/cuda/launch.cuh"

#include <cmath>
#include <cstring>

// The largest scores of every row, one warp a row: the bits of the smallest that is kept are found
// from the highest on, by counting; then all above it are written in the order of their columns,
// and as many that equal it as there is room for, the first ones.
namespace hsa::cuda {
namespace {

constexpr unsigned kLanes = 32;
constexpr unsigned kRows = 8;        // of a block
constexpr std::size_t kHeld = 1024;  // columns whose order is held in shared memory
constexpr unsigned kEveryLane = 0xffffffffU;

// Unsigned numbers in the order of floats; -0 is 0.
__device__ std::uint32_t order_of(float score) {
#if defined(__CUDA_ARCH__)
    const std::uint32_t bits = __float_as_uint(score + 0.0F);
#else
    std::uint32_t bits = 0;
    score += 0.0F;
    std::memcpy(&bits, &score, sizeof(bits));
#endif
    return bits >> 31U != 0U ? ~bits : bits | 0x80000000U;
}

__device__ unsigned sum_of_lanes(unsigned value) {
    for (unsigned step = kLanes / 2; step > 0; step /= 2)
        value += __shfl_xor_sync(kEveryLane, value, step);
    return value;
}

__global__ void best_block(const float* ell, std::size_t rows, std::size_t columns,
                           const float* shift, std::size_t wanted, BestOf best) {
    __shared__ std::uint32_t held[kRows][kHeld];
    const std::size_t row = blockIdx.x * static_cast<std::size_t>(kRows) + threadIdx.y;
    if (row >= rows) return;  // a whole warp
    const float* own = ell + row * columns;
    const std::size_t lane = threadIdx.x;
    for (std::size_t s = lane; s < columns && s < kHeld; s += kLanes)
        held[threadIdx.y][s] = order_of(own[s] + shift[s]);
    // A lane reads what it wrote itself.
    const auto order = [&](std::size_t s) {
        return s < kHeld ? held[threadIdx.y][s] : order_of(own[s] + shift[s]);
    };
    std::uint32_t least = 0;
    for (int bit = 31; bit >= 0; --bit) {
        const std::uint32_t tried = least | (1U << static_cast<unsigned>(bit));
        unsigned count = 0;
        for (std::size_t s = lane; s < columns; s += kLanes) count += order(s) >= tried ? 1U : 0U;
        if (sum_of_lanes(count) >= wanted) least = tried;
    }
    unsigned above = 0;
    for (std::size_t s = lane; s < columns; s += kLanes) above += order(s) > least ? 1U : 0U;
    std::size_t equal = wanted - sum_of_lanes(above);  // that there is room for
    const unsigned before = (1U << static_cast<unsigned>(lane)) - 1U;
    std::size_t written = 0;
    for (std::size_t first = 0; first < columns; first += kLanes) {
        const std::size_t s = first + lane;
        const std::uint32_t at = s < columns ? order(s) : 0U;
        const unsigned equals = __ballot_sync(kEveryLane, s < columns && at == least);
        const bool fits =
            s < columns && at == least && static_cast<std::size_t>(__popc(equals & before)) < equal;
        const bool kept = fits || (s < columns && at > least);
        const unsigned all = __ballot_sync(kEveryLane, kept);
        if (kept) {
            const std::size_t place =
                row * wanted + written + static_cast<std::size_t>(__popc(all & before));
            best.column[place] = static_cast<std::uint32_t>(s);
            best.log_kernel[place] = own[s];
        }
        const auto met = static_cast<std::size_t>(__popc(equals));
        equal -= met < equal ? met : equal;
        written += static_cast<std::size_t>(__popc(all));
    }
    if (best.most == nullptr) return;
    float most = -3.402823466e38F;
    for (std::size_t s = lane; s < columns; s += kLanes) most = fmaxf(most, own[s] + shift[s]);
    for (unsigned step = kLanes / 2; step > 0; step /= 2)
        most = fmaxf(most, __shfl_xor_sync(kEveryLane, most, step));
    float sum = 0.0F;
    for (std::size_t s = lane; s < columns; s += kLanes) sum += expf(own[s] + shift[s] - most);
    for (unsigned step = kLanes / 2; step > 0; step /= 2)
        sum += __shfl_xor_sync(kEveryLane, sum, step);
    if (lane == 0) {
        best.most[row] = most;
        best.sum[row] = sum;
    }
}

}  // namespace

Problem best_columns(const float* ell, std::size_t rows, std::size_t columns, const float* shift,
                     std::size_t wanted, const BestOf& best) {
    return launch(best_block, dim3(groups(rows, kRows)), dim3(kLanes, kRows), ell, rows, columns,
                  shift, wanted, best);
}

}  // namespace hsa::cuda
