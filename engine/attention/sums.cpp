#include "engine/attention/sums.h"

#include <algorithm>

namespace hsa {
namespace {

void add_rows(const Matrix<float>& factor, std::size_t begin, std::size_t end, std::span<double> out) {
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

}  // namespace hsa
