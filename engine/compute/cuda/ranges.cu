#include "engine/compute/cuda/launch.cuh"
#include "engine/compute/cuda/row_calls.h"

// Means of rows over ranges of them: whole tiles from the sums before each, what is left at both
// ends from the rows, all in float64 as on the CPU (attention/sums.h).
namespace hsa::cuda {
namespace {

constexpr unsigned kColumns = 64;  // of a block: neighbours in a row
constexpr unsigned kRanges = 4;

__global__ void ranges_block(RangesOf of, const std::uint32_t* ranges, std::size_t count,
                             const std::uint32_t* chosen, std::size_t width, float* out) {
    const std::size_t column = blockIdx.y * static_cast<std::size_t>(kColumns) + threadIdx.x;
    const std::size_t range = blockIdx.x * static_cast<std::size_t>(kRanges) + threadIdx.y;
    if (column >= width || range >= count) return;
    const std::size_t begin = ranges[3 * range];
    const std::size_t end = ranges[3 * range + 1];
    const std::size_t own = chosen[column];
    const auto sum_of = [&](std::size_t from, std::size_t to, double sum) {
        for (std::size_t i = from; i < to; ++i)
            sum += static_cast<double>(of.rows[i * of.columns + own]);
        return sum;
    };
    const std::size_t first = (begin + of.tile - 1) / of.tile;
    const std::size_t last = end / of.tile;
    double sum = 0.0;
    if (last <= first) {
        sum = sum_of(begin, end, sum);
    } else {
        sum = sum_of(begin, first * of.tile, sum);
        sum += of.before[last * of.columns + own] - of.before[first * of.columns + own];
        sum = sum_of(last * of.tile, end, sum);
    }
    out[range * width + column] =
        static_cast<float>(sum * (1.0 / static_cast<double>(ranges[3 * range + 2])));
}

}  // namespace

Problem range_means(const RangesOf& of, const std::uint32_t* ranges, std::size_t count,
                    const std::uint32_t* chosen, std::size_t width, float* out) {
    return launch(ranges_block, dim3(groups(count, kRanges), groups(width, kColumns)),
                  dim3(kColumns, kRanges), of, ranges, count, chosen, width, out);
}

}  // namespace hsa::cuda
