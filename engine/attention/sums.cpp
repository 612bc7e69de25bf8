#include "engine/attention/sums.h"

#include "engine/attention/factors.h"
#include "engine/core/parallel.h"

#include <algorithm>

namespace hsa {
namespace {

void add_rows(const Matrix<float>& factor, std::size_t begin, std::size_t end,
              std::span<double> out) {
    for (std::size_t i = begin; i < end; ++i) {
        const float* row = factor.row(i).data();
        for (std::size_t s = 0; s < out.size(); ++s) out[s] += static_cast<double>(row[s]);
    }
}

}  // namespace

void range_sum(const Matrix<float>& factor, const Matrix<double>& prefix, Range tokens,
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

TileSums tile_sums(const Factors& factors) {
    const std::size_t n = factors.tokens();
    const std::size_t columns = factors.columns();
    const std::size_t tiles = (n + kTileTokens - 1) / kTileTokens;
    TileSums sums{Matrix<double>(tiles + 1, columns), Matrix<double>(tiles + 1, columns)};
    parallel_for(tiles, [&](std::size_t tile) {
        const std::size_t end = std::min(n, (tile + 1) * kTileTokens);
        add_rows(factors.p, tile * kTileTokens, end, sums.p.row(tile + 1));
        add_rows(factors.k, tile * kTileTokens, end, sums.k.row(tile + 1));
    });
    for (std::size_t tile = 0; tile < tiles; ++tile)
        for (std::size_t s = 0; s < columns; ++s) {
            sums.p(tile + 1, s) += sums.p(tile, s);
            sums.k(tile + 1, s) += sums.k(tile, s);
        }
    return sums;
}

}  // namespace hsa
