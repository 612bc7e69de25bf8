#include "bench/bench/peers/clustered_queries.h"

#include "bench/bench/peers/cells.h"
#include "bench/bench/peers/features.h"
#include "engine/core/exponential.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace hsa_bench {
namespace {

using hsa::Matrix;

std::vector<std::uint32_t> strongest(std::span<const float> row, std::size_t count) {
    std::vector<std::uint32_t> order(row.size());
    std::iota(order.begin(), order.end(), 0U);
    count = std::min(count, row.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count),
                      order.end(), [&](std::uint32_t x, std::uint32_t y) {
                          return row[x] != row[y] ? row[x] > row[y] : x < y;
                      });
    order.resize(count);
    return order;
}

}  // namespace

Matrix<float> clustered_query_rows(const hsa::Head& head, std::span<const std::uint32_t> rows,
                                   std::size_t clusters, std::size_t top_keys, std::uint64_t seed) {
    const Matrix<float>& queries = queries_of(head);
    const Matrix<float>& keys = *head.coordinates.base;
    const Cells cells = cells_of(queries, clusters, seed);
    const Matrix<float> of_cell = softmax_scores(cells.mean, keys);
    std::vector<std::vector<std::uint32_t>> top(of_cell.rows());
    for (std::size_t c = 0; c < top.size(); ++c) top[c] = strongest(of_cell.row(c), top_keys);
    Matrix<float> a(rows.size(), keys.rows());
    std::vector<float> exact;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const std::uint32_t cell = cells.label[rows[r]];
        std::copy_n(of_cell.row(cell).data(), a.cols(), a.row(r).data());
        if (top_keys == 0) continue;
        exact.clear();
        double mass = 0.0;
        for (const std::uint32_t j : top[cell]) {
            double score = 0.0;
            for (std::size_t e = 0; e < keys.cols(); ++e)
                score += static_cast<double>(queries(rows[r], e)) * static_cast<double>(keys(j, e));
            exact.push_back(static_cast<float>(score));
            mass += static_cast<double>(a(r, j));
        }
        hsa::softmax(exact);
        for (std::size_t t = 0; t < exact.size(); ++t)
            a(r, top[cell][t]) = static_cast<float>(mass * static_cast<double>(exact[t]));
    }
    return a;
}

}  // namespace hsa_bench
