#include "engine/explain/sampled_rows.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <algorithm>
#include <numeric>

namespace hsa {

std::vector<std::uint32_t> sampled_rows(std::size_t n, std::size_t count) {
    std::vector<std::uint32_t> rows(std::min(n, count));
    for (std::size_t r = 0; r < rows.size(); ++r)
        rows[r] = static_cast<std::uint32_t>((2 * r + 1) * n / (2 * rows.size()));
    return rows;
}

void level_attention_rows(const Factors& factors, std::uint16_t level, double share,
                          std::span<const std::uint32_t> rows, MatrixView<float> out) {
    const std::size_t n = factors.tokens();
    if (out.rows != rows.size() || out.cols != n)
        fault("{} rows of a level's attention into a matrix of {} x {}", rows.size(), out.rows,
              out.cols);
    std::vector<std::size_t> columns;
    for (std::size_t c = 0; c < factors.columns(); ++c)
        if (factors.level[c] == level || factors.ids[c] == kNoSplat) columns.push_back(c);
    Matrix<float> p(rows.size(), columns.size());
    for (std::size_t r = 0; r < rows.size(); ++r) {
        std::vector<double> own(columns.size());
        for (std::size_t c = 0; c < columns.size(); ++c) {
            const bool background = factors.ids[columns[c]] == kNoSplat;
            own[c] =
                static_cast<double>(factors.p(rows[r], columns[c])) * (background ? share : 1.0);
        }
        const double mass = std::accumulate(own.begin(), own.end(), 0.0);
        for (std::size_t c = 0; c < columns.size() && mass > 0.0; ++c)
            p(r, c) = static_cast<float>(own[c] / mass);
    }
    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        Matrix<float> k(end - begin, columns.size());
        for (std::size_t j = begin; j < end; ++j)
            for (std::size_t c = 0; c < columns.size(); ++c)
                k(j - begin, c) = factors.k(j, columns[c]);
        const MatrixView<float> part(out.data + begin, out.rows, end - begin, out.stride);
        multiply_transposed(std::as_const(p).view(), std::as_const(k).view(), part);
    });
}

}  // namespace hsa
