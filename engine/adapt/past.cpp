#include "engine/adapt/past.h"

#include "engine/adapt/level_attention.h"
#include "engine/attention/sums.h"
#include "engine/core/parallel.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hsa {
namespace {

constexpr double kLeastPast = 1e-20;

// Rows by how many columns they see.
std::vector<std::size_t> by_reach(std::span<const std::size_t> seen) {
    std::vector<std::size_t> order(seen.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return seen[a] < seen[b]; });
    return order;
}

void add_row(std::span<const float> row, std::span<double> sum) {
    for (std::size_t s = 0; s < sum.size(); ++s) sum[s] += static_cast<double>(row[s]);
}

}  // namespace

Matrix<double> reached_keys(MatrixView<const float> k, std::span<const std::size_t> seen) {
    Matrix<double> reached(seen.size(), k.cols);
    const Matrix<double> before = chunk_prefixes(
        k.rows, k.cols, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t j = begin; j < end; ++j) add_row(k.row(j), out);
        });
    const std::vector<std::size_t> order = by_reach(seen);
    parallel_blocks(k.rows, kChunkRows, [&](std::size_t begin, std::size_t end) {
        auto next = std::lower_bound(order.begin(), order.end(), begin + 1,
                                     [&](std::size_t r, std::size_t j) { return seen[r] < j; });
        const std::span<const double> start = before.row(begin / kChunkRows);
        std::vector<double> sum(start.begin(), start.end());
        std::size_t j = begin;
        for (; next != order.end() && seen[*next] <= end; ++next) {
            for (; j < seen[*next]; ++j) add_row(k.row(j), sum);
            std::copy(sum.begin(), sum.end(), reached.row(*next).begin());
        }
    });
    return reached;
}

void limit_to_past(const Matrix<double>& reached, std::vector<std::size_t> seen,
                   std::size_t columns, LevelQueries& queries) {
    const std::size_t k = queries.p.cols();
    queries.weight = Matrix<float>(queries.p.rows(), k);
    queries.background_weight.assign(queries.p.rows(), 0.0F);
    for (std::size_t r = 0; r < queries.p.rows(); ++r) {
        const std::span<float> p = queries.p.row(r);
        const std::span<float> weight = queries.weight.row(r);
        const double share = static_cast<double>(seen[r]) / static_cast<double>(columns);
        const auto background = static_cast<double>(queries.background[r]);
        double z = background * share;
        for (std::size_t s = 0; s < k; ++s) z += static_cast<double>(p[s]) * reached(r, s);
        if (!(z >= kLeastPast)) {
            std::fill(p.begin(), p.end(), 0.0F);
            queries.background[r] = seen[r] > 0 ? 1.0F : 0.0F;
            if (seen[r] > 0) queries.background_weight[r] = static_cast<float>(1.0 / share);
            continue;
        }
        for (std::size_t s = 0; s < k; ++s) {
            const double scaled = static_cast<double>(p[s]) / z;
            weight[s] = static_cast<float>(scaled);
            p[s] = static_cast<float>(scaled * reached(r, s));
        }
        queries.background_weight[r] = static_cast<float>(background / z);
        queries.background[r] = static_cast<float>(background / z * share);
        queries.log_normaliser[r] += std::log(z);
    }
    queries.seen = std::move(seen);
}

void hide_future(std::span<const std::size_t> seen, std::size_t begin, MatrixView<float> out) {
    for (std::size_t r = 0; r < seen.size(); ++r) {
        const std::size_t first = std::clamp(seen[r], begin, begin + out.cols) - begin;
        const std::span<float> row = out.row(r);
        std::fill(row.begin() + static_cast<std::ptrdiff_t>(first), row.end(), 0.0F);
    }
}

void to_key_slopes(MatrixView<const float> key, const Matrix<float>& share,
                   std::span<const std::size_t> seen, std::size_t begin, MatrixView<float> g) {
    const std::size_t k = share.cols();
    std::vector<double> drawn(k, 0.0);
    // From the last column down: more and more rows see it.
    const std::vector<std::size_t> order = by_reach(seen);
    auto next = order.rbegin();
    for (std::size_t j = g.rows; j-- > 0;) {
        for (; next != order.rend() && seen[*next] > begin + j; ++next)
            add_row(share.row(*next), drawn);
        float* row = g.row(j).data();
        const float* own = key.row(j).data();
        for (std::size_t s = 0; s < k; ++s)
            row[s] = own[s] * (static_cast<float>(drawn[s]) - row[s]);
    }
}

}  // namespace hsa
