#include "engine/compute/log_sums.h"

#include "engine/core/parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hsa {
namespace {

constexpr std::size_t kTilesAtOnce =
    8;  // a power of two: the lowest levels of the tree, in parallel

// Adds the tile `from` into the tile `into`.
void join(Matrix<float>& most, Matrix<double>& sum, std::size_t into, std::size_t from) {
    float* a = most.row(into).data();
    double* a_sum = sum.row(into).data();
    const float* b = most.row(from).data();
    const double* b_sum = sum.row(from).data();
    for (std::size_t s = 0; s < most.cols(); ++s) {
        const double step = static_cast<double>(b[s]) - static_cast<double>(a[s]);
        if (step <= 0.0) {
            a_sum[s] += b_sum[s] * std::exp(step);
        } else {
            a_sum[s] = a_sum[s] * std::exp(-step) + b_sum[s];
            a[s] = b[s];
        }
    }
}

// Joins tiles begin, begin + step, ... below end into tile begin, for step = first, 2 first, ...
void join_range(Matrix<float>& most, Matrix<double>& sum, std::size_t begin, std::size_t end,
                std::size_t first) {
    for (std::size_t step = first; begin + step < end; step *= 2)
        for (std::size_t left = begin; left + step < end; left += 2 * step)
            join(most, sum, left, left + step);
}

}  // namespace

std::vector<double> LogSums::logs() const {
    std::vector<double> logs(most.size());
    for (std::size_t s = 0; s < most.size(); ++s)
        logs[s] = static_cast<double>(most[s]) + std::log(sum[s]);
    return logs;
}

LogSums join_tiles(Matrix<float>& most, Matrix<double>& sum) {
    const std::size_t tiles = most.rows();
    LogSums total;
    if (tiles == 0) {
        total.most.assign(most.cols(), -std::numeric_limits<float>::infinity());
        total.sum.assign(most.cols(), 0.0);
        return total;
    }
    parallel_blocks(tiles, kTilesAtOnce, [&](std::size_t begin, std::size_t end) {
        join_range(most, sum, begin, end, 1);
    });
    join_range(most, sum, 0, tiles, kTilesAtOnce);
    total.most.assign(most.row(0).begin(), most.row(0).end());
    total.sum.assign(sum.row(0).begin(), sum.row(0).end());
    return total;
}

}  // namespace hsa
