#include "engine/attention/sums.h"

#include "engine/attention/causal_factors.h"
#include "engine/core/parallel.h"
#include "engine/core/parts_done.h"
#include "engine/core/products.h"
#include "engine/core/work_part.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace hsa {
namespace {

// The sum of each tile's rows in place of row tile + 1; row 0 is left zero.
Matrix<double> sums_of_tiles(const FactorMatrix& factor, const Work& work) {
    const std::size_t n = factor.rows();
    const std::size_t tiles = (n + kTileTokens - 1) / kTileTokens;
    Matrix<double> sums(tiles + 1, factor.cols());
    PartsDone done(work, "summing factors", (n + kChunkRows - 1) / kChunkRows);
    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t first = begin; first < end; first += kTileTokens)
            add_rows(factor, first, std::min(end, first + kTileTokens),
                     sums.row(first / kTileTokens + 1));
        done.add();
    });
    return sums;
}

}  // namespace

void add_rows(const FactorMatrix& factor, std::size_t begin, std::size_t end,
              std::span<double> out) {
    for (std::size_t i = begin; i < end; ++i) {
        const FactorRow row = factor.row(i);
        for (std::size_t s = 0; s < out.size(); ++s) out[s] += static_cast<double>(row[s]);
    }
}

Matrix<double> prefix_sums(const FactorMatrix& factor, const Work& work) {
    Matrix<double> sums = sums_of_tiles(factor, work);
    for (std::size_t t = 1; t < sums.rows(); ++t)
        for (std::size_t s = 0; s < sums.cols(); ++s) sums(t, s) += sums(t - 1, s);
    return sums;
}

Matrix<double> suffix_sums(const FactorMatrix& factor, const Work& work) {
    Matrix<double> sums = sums_of_tiles(factor, work);
    const std::size_t tiles = sums.rows() - 1;
    for (std::size_t t = 0; t < tiles; ++t)
        for (std::size_t s = 0; s < sums.cols(); ++s) sums(t, s) = -sums(t + 1, s);
    for (double& last : sums.row(tiles)) last = 0.0;
    for (std::size_t t = tiles; t-- > 0;)
        for (std::size_t s = 0; s < sums.cols(); ++s) sums(t, s) += sums(t + 1, s);
    return sums;
}

Matrix<double> chunk_prefixes(
    std::size_t rows, std::size_t width,
    const std::function<void(std::size_t begin, std::size_t end, std::span<double> out)>& add) {
    const std::size_t chunks = (rows + kChunkRows - 1) / kChunkRows;
    Matrix<double> sums(chunks + 1, width);
    parallel_blocks(rows, kChunkRows, [&](std::size_t begin, std::size_t end) {
        add(begin, end, sums.row(begin / kChunkRows + 1));
    });
    for (std::size_t c = 1; c <= chunks; ++c)
        for (std::size_t s = 0; s < width; ++s) sums(c, s) += sums(c - 1, s);
    return sums;
}

Matrix<double> values_of_columns(const FactorMatrix& keys, MatrixView<const float> values) {
    const std::vector<double> sums =
        parallel_sum(keys.rows(), keys.cols() * values.cols,
                     [&](std::size_t begin, std::size_t end, std::span<double> out) {
                         Matrix<float> part(keys.cols(), values.cols);
                         const FactorBlock block = keys.block(begin, end);
                         transposed_multiply(block.view(), values.block(begin, end), part.view());
                         for (std::size_t x = 0; x < out.size(); ++x)
                             out[x] += static_cast<double>(part.data()[x]);
                     });
    Matrix<double> u = Matrix<double>::unwritten(keys.cols(), values.cols);
    std::copy(sums.begin(), sums.end(), u.data());
    return u;
}

void range_sum(const FactorMatrix& factor, const Matrix<double>& prefix, Range tokens,
               std::span<double> out) {
    std::fill(out.begin(), out.end(), 0.0);
    const std::size_t first_tile = (tokens.begin + kTileTokens - 1) / kTileTokens;
    const std::size_t last_tile = tokens.end / kTileTokens;
    if (last_tile <= first_tile) {
        add_rows(factor, tokens.begin, tokens.end, out);
        return;
    }
    add_rows(factor, tokens.begin, first_tile * kTileTokens, out);
    const double* low = prefix.row(first_tile).data();
    const double* high = prefix.row(last_tile).data();
    for (std::size_t s = 0; s < out.size(); ++s) out[s] += high[s] - low[s];
    add_rows(factor, last_tile * kTileTokens, tokens.end, out);
}

TileSums tile_sums(const Factors& factors, const Work& work) {
    TileSums sums;
    sums.owner = std::make_shared<char>();
    sums.k = prefix_sums(factors.k, part_of(work, "summing factors", 0.0, 0.5));
    const Work rest = part_of(work, "summing factors", 0.5, 1.0);
    if (factors.causal) add_causal_sums(factors, sums, rest);
    else sums.p = prefix_sums(factors.p, rest);
    return sums;
}

}  // namespace hsa
