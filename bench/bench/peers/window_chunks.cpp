#include "bench/bench/peers/window_chunks.h"

#include "bench/bench/peers/features.h"
#include "engine/core/exponential.h"
#include "engine/core/gather.h"

#include <algorithm>
#include <vector>

namespace hsa_bench {

using hsa::Matrix;

Matrix<float> window_chunk_rows(const hsa::Head& head, std::span<const std::uint32_t> rows,
                                std::size_t window, std::size_t chunks) {
    const Matrix<float>& keys = *head.coordinates.base;
    const std::size_t n = keys.rows();
    window = std::min(window, n);
    chunks = std::clamp<std::size_t>(chunks, 1, n);
    const auto chunk_of = [&](std::size_t j) { return j * chunks / n; };
    std::vector<double> members(chunks, 0.0);
    for (std::size_t j = 0; j < n; ++j) members[chunk_of(j)] += 1.0;
    Matrix<float> mean(chunks, keys.cols());
    for (std::size_t j = 0; j < n; ++j)
        for (std::size_t e = 0; e < keys.cols(); ++e)
            mean(chunk_of(j), e) +=
                static_cast<float>(static_cast<double>(keys(j, e)) / members[chunk_of(j)]);
    // A token that stands for its chunk has the chunk's score: a softmax over tokens then weighs
    // the chunk by how many of them there are.
    const Matrix<float> queries = hsa::gather_rows(queries_of(head).view(), rows);
    Matrix<float> a = scores(queries, keys);
    const Matrix<float> of_chunk = scores(queries, mean);
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const std::size_t own = rows[r];
        const std::size_t first = std::min(own - std::min(own, window / 2), n - window);
        for (std::size_t j = 0; j < n; ++j)
            if (j < first || j >= first + window) a(r, j) = of_chunk(r, chunk_of(j));
        hsa::softmax(a.row(r));
    }
    return a;
}

}  // namespace hsa_bench
