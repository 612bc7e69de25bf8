#include "engine/explain/sampled_rows.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace hsa {

namespace {

// Writes the rows that lie in the segment.
void level_rows_of(const Factors& factors, const CausalSegment& segment,
                   const std::vector<std::size_t>& columns, const Matrix<float>& p,
                   std::span<const std::uint32_t> rows, MatrixView<float> out) {
    const FactorMatrix& keys = factors.keys_of(segment);
    std::vector<std::size_t> places;
    for (std::size_t r = 0; r < rows.size(); ++r)
        if (segment.rows.contains(rows[r])) places.push_back(r);
    Matrix<float> own(places.size(), columns.size());
    for (std::size_t r = 0; r < places.size(); ++r)
        std::copy_n(p.row(places[r]).begin(), columns.size(), own.row(r).begin());
    parallel_blocks(segment.rows.end, kChunkRows, [&](std::size_t begin, std::size_t end) {
        Matrix<float> k(end - begin, columns.size());
        for (std::size_t j = begin; j < end; ++j)
            for (std::size_t c = 0; c < columns.size(); ++c) k(j - begin, c) = keys(j, columns[c]);
        Matrix<float> a(places.size(), end - begin);
        multiply_transposed(std::as_const(own).view(), std::as_const(k).view(), a.view());
        for (std::size_t r = 0; r < places.size(); ++r)
            std::copy_n(a.row(r).begin(), a.cols(),
                        out.row(places[r]).begin() + static_cast<std::ptrdiff_t>(begin));
    });
    for (const std::size_t place : places) {
        const std::span<float> row = out.row(place);
        const std::size_t seen = factors.causal ? rows[place] + std::size_t{1} : row.size();
        std::fill(row.begin() + static_cast<std::ptrdiff_t>(seen), row.end(), 0.0F);
    }
}

}  // namespace

void level_attention_rows(const Factors& factors, std::uint16_t level, double share,
                          std::span<const std::uint32_t> rows, MatrixView<float> out) {
    const std::size_t n = factors.tokens();
    if (out.rows != rows.size() || out.cols != n)
        fault("{} rows of a level's attention into a matrix of {} x {}", rows.size(), out.rows,
              out.cols);
    std::vector<std::size_t> columns;
    for (std::size_t c = 0; c < factors.columns(); ++c)
        if (factors.level[c] == level || factors.ids[c] == kNoSplat) columns.push_back(c);
    // Shares within the level and what they are of the row's weights.
    const FactorMatrix& weights = factors.row_weights();
    Matrix<float> p(rows.size(), columns.size());
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const auto own = [&](std::size_t c) {
            return factors.ids[columns[c]] == kNoSplat ? share : 1.0;
        };
        double mass = 0.0;
        for (std::size_t c = 0; c < columns.size(); ++c)
            mass += own(c) * static_cast<double>(factors.p(rows[r], columns[c]));
        for (std::size_t c = 0; c < columns.size() && mass > 0.0; ++c)
            p(r, c) = static_cast<float>(own(c) *
                                         static_cast<double>(weights(rows[r], columns[c])) / mass);
    }
    for (const CausalSegment& segment : factors.segments())
        level_rows_of(factors, segment, columns, p, rows, out);
}

}  // namespace hsa
