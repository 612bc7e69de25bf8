#include "engine/compute/cuda/calls.h"
#include "engine/compute/cuda/launch.cuh"

#include <cmath>

namespace hsa::cuda {
namespace {

constexpr unsigned kColumns = 64;  // of a block: neighbours in a row
constexpr unsigned kNumbers = 4;

// A thread has one column of one number and goes through the chunks in their order.
__global__ void join_block(const float* most, const float* sum, const float* mean,
                           std::size_t chunks, std::size_t numbers, std::size_t columns,
                           float* joined_most, double* joined_sum, float* joined) {
    const std::size_t number = blockIdx.x * static_cast<std::size_t>(kNumbers) + threadIdx.y;
    const std::size_t column = blockIdx.y * static_cast<std::size_t>(kColumns) + threadIdx.x;
    if (number >= numbers) return;
    float greatest = -3.402823466e38F;
    for (std::size_t c = 0; c < chunks; ++c) greatest = fmaxf(greatest, most[c * numbers + number]);
    double total = 0.0;
    double value = 0.0;
    for (std::size_t c = 0; c < chunks; ++c) {
        const std::size_t at = c * numbers + number;
        const auto share = static_cast<double>(sum[at] * expf(most[at] - greatest));
        total += share;
        if (column < columns) value += share * static_cast<double>(mean[at * columns + column]);
    }
    if (column < columns)
        joined[number * columns + column] = static_cast<float>(total > 0.0 ? value / total : 0.0);
    if (column > 0) return;
    joined_most[number] = greatest;
    joined_sum[number] = total;
}

}  // namespace

Problem join_means(const float* most, const float* sum, const float* mean, std::size_t chunks,
                   std::size_t numbers, std::size_t columns, float* joined_most, double* joined_sum,
                   float* joined) {
    return launch(join_block,
                  dim3(groups(numbers, kNumbers), columns == 0 ? 1U : groups(columns, kColumns)),
                  dim3(kColumns, kNumbers), most, sum, mean, chunks, numbers, columns, joined_most,
                  joined_sum, joined);
}

}  // namespace hsa::cuda
