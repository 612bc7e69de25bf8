#include "engine/attention/causal_scans.h"

#include "engine/attention/sums.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <algorithm>

namespace hsa {
namespace {

constexpr std::size_t kChunksAtOnce = 16;  // whose U = K V are held together

// 1 for the tokens of the ranges: [n].
std::vector<char> marked(std::span<const Range> tokens, std::size_t n) {
    std::vector<char> marks(n, 0);
    for (const Range& range : tokens)
        for (std::size_t i = range.begin; i < std::min(range.end, n); ++i) marks[i] = 1;
    return marks;
}

double share_of(const std::vector<char>& marks) {
    const auto count = std::count(marks.begin(), marks.end(), char{1});
    return 1.0 / static_cast<double>(std::max<std::ptrdiff_t>(count, 1));
}

void add_row(const FactorMatrix& from, std::size_t row, std::span<double> sum) {
    const FactorRow values = from.row(row);
    for (std::size_t s = 0; s < sum.size(); ++s) sum[s] += static_cast<double>(values[s]);
}

double dot(const FactorMatrix& factor, std::size_t row, std::span<const double> sum) {
    const FactorRow values = factor.row(row);
    double total = 0.0;
    for (std::size_t s = 0; s < sum.size(); ++s) total += static_cast<double>(values[s]) * sum[s];
    return total;
}

// Sums of the marked rows of a factor in `rows`, before each chunk of [0, rows.end).
Matrix<double> marked_prefixes(const FactorMatrix& factor, const std::vector<char>& marks,
                               Range rows) {
    return chunk_prefixes(rows.end, factor.cols(),
                          [&](std::size_t begin, std::size_t end, std::span<double> out) {
                              for (std::size_t i = std::max(begin, rows.begin); i < end; ++i)
                                  if (marks[i] != 0) add_row(factor, i, out);
                          });
}

// The same after each chunk, added from the end: row c holds the marked rows of chunks >= c.
Matrix<double> marked_suffixes(const FactorMatrix& factor, const std::vector<char>& marks,
                               Range rows) {
    const std::size_t chunks = (rows.end + kChunkRows - 1) / kChunkRows;
    Matrix<double> sums(chunks + 1, factor.cols(), 0.0);
    parallel_blocks(rows.end, kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = std::max(begin, rows.begin); i < end; ++i)
            if (marks[i] != 0) add_row(factor, i, sums.row(begin / kChunkRows));
    });
    for (std::size_t c = chunks; c-- > 0;)
        for (std::size_t s = 0; s < factor.cols(); ++s) sums(c, s) += sums(c + 1, s);
    return sums;
}

// O of one chunk from U of the tokens before it, a tile at a time; rows before first_row are only
// summed up. u: [c, v], float64.
void chunk_outputs(const FactorMatrix& weight, const FactorMatrix& k,
                   MatrixView<const float> values, Range tokens, std::size_t first_row,
                   std::span<double> u, Matrix<float>& out) {
    const std::size_t columns = weight.cols();
    const std::size_t v = values.cols;
    Matrix<float> before(columns, v);
    Matrix<float> inside(kTileTokens, kTileTokens);
    Matrix<float> own(kTileTokens, v);
    Matrix<float> added(columns, v);
    for (std::size_t begin = tokens.begin; begin < tokens.end; begin += kTileTokens) {
        const std::size_t end = std::min(tokens.end, begin + kTileTokens);
        const std::size_t count = end - begin;
        const FactorBlock key_block = k.block(begin, end);
        const FactorBlock row_block = weight.block(begin, end);
        const MatrixView<const float> keys = key_block.view();
        const MatrixView<const float> rows = row_block.view();
        if (end > first_row) {
            for (std::size_t x = 0; x < u.size(); ++x) before.data()[x] = static_cast<float>(u[x]);
            const MatrixView<float> past = own.view().block(0, count);
            multiply(rows, before.view(), past);
            const MatrixView<float> cells(inside.data(), count, count, kTileTokens);
            multiply_transposed(rows, keys, cells);
            for (std::size_t i = std::max(begin, first_row); i < end; ++i) {
                const std::span<float> o = out.row(i);
                for (std::size_t c = 0; c < v; ++c) {
                    auto sum = static_cast<double>(own(i - begin, c));
                    for (std::size_t j = begin; j <= i; ++j)
                        sum += static_cast<double>(inside(i - begin, j - begin)) *
                               static_cast<double>(values(j, c));
                    o[c] = static_cast<float>(sum);
                }
            }
        }
        transposed_multiply(keys, values.block(begin, end), added.view());
        for (std::size_t x = 0; x < u.size(); ++x) u[x] += static_cast<double>(added.data()[x]);
    }
}

void segment_outputs(const Factors& factors, const CausalSegment& segment,
                     MatrixView<const float> values, Matrix<float>& out) {
    const FactorMatrix& k = factors.keys_of(segment);
    const std::size_t columns = factors.columns();
    const std::size_t v = values.cols;
    std::vector<double> u(columns * v, 0.0);
    const std::size_t group = kChunksAtOnce * kChunkRows;
    for (std::size_t begin = 0; begin < segment.rows.end; begin += group) {
        const std::size_t end = std::min(segment.rows.end, begin + group);
        Matrix<double> before = chunk_prefixes(
            end - begin, u.size(), [&](std::size_t from, std::size_t to, std::span<double> sums) {
                Matrix<float> part(columns, v);
                const FactorBlock keys = k.block(begin + from, begin + to);
                transposed_multiply(keys.view(), values.block(begin + from, begin + to),
                                    part.view());
                for (std::size_t x = 0; x < sums.size(); ++x)
                    sums[x] += static_cast<double>(part.data()[x]);
            });
        for (std::size_t c = 0; c < before.rows(); ++c)
            for (std::size_t x = 0; x < u.size(); ++x) before(c, x) += u[x];
        parallel_blocks(end - begin, kChunkRows, [&](std::size_t from, std::size_t to) {
            chunk_outputs(factors.causal->weight, k, values, {begin + from, begin + to},
                          segment.rows.begin, before.row(from / kChunkRows), out);
        });
        const std::span<const double> all = before.row(before.rows() - 1);
        // chunk_outputs went on in its own row; the last row is still the sum of all chunks.
        std::copy(all.begin(), all.end(), u.begin());
    }
}

// Whether a card did it.
bool segment_on_card(Backend& backend, const Factors& factors, const CausalSegment& segment,
                     MatrixView<const float> values, Matrix<float>& out) {
    constexpr std::size_t kWorthSending = std::size_t{1} << 22U;  // products of two numbers
    const FactorMatrix& k = factors.keys_of(segment);
    const FactorMatrix& weight = factors.causal->weight;
    const std::size_t end = segment.rows.end;
    if (!backend.has(RowPass::past) || k.packed() || weight.packed() ||
        end * k.cols() * values.cols < kWorthSending)
        return false;
    const PastRows rows{weight.block(0, end).view(), k.block(0, end).view(), values.block(0, end),
                        segment.rows.begin};
    return backend.past_outputs(rows, out.view().block(segment.rows.begin, end), {});
}

}  // namespace

std::vector<float> causal_mean_row(const Factors& factors, std::span<const Range> tokens) {
    const std::size_t n = factors.tokens();
    const FactorMatrix& weight = factors.causal->weight;
    const std::vector<char> marks = marked(tokens, n);
    const double share = share_of(marks);
    std::vector<double> mean(n, 0.0);
    for (const CausalSegment& segment : factors.causal->segments) {
        const FactorMatrix& k = factors.keys_of(segment);
        const Matrix<double> after = marked_suffixes(weight, marks, segment.rows);
        parallel_blocks(segment.rows.end, kChunkRows, [&](std::size_t begin, std::size_t end) {
            const std::span<const double> rest = after.row(begin / kChunkRows + 1);
            std::vector<double> sum(rest.begin(), rest.end());
            for (std::size_t j = end; j-- > begin;) {
                if (marks[j] != 0 && j >= segment.rows.begin) add_row(weight, j, sum);
                mean[j] += share * dot(k, j, sum);
            }
        });
    }
    return {mean.begin(), mean.end()};
}

std::vector<float> causal_mean_column(const Factors& factors, std::span<const Range> tokens) {
    const std::size_t n = factors.tokens();
    const FactorMatrix& weight = factors.causal->weight;
    const std::vector<char> marks = marked(tokens, n);
    const double share = share_of(marks);
    std::vector<float> mean(n, 0.0F);
    for (const CausalSegment& segment : factors.causal->segments) {
        const FactorMatrix& k = factors.keys_of(segment);
        const Matrix<double> before = marked_prefixes(k, marks, {0, segment.rows.end});
        parallel_blocks(segment.rows.end, kChunkRows, [&](std::size_t begin, std::size_t end) {
            if (end <= segment.rows.begin) return;
            const std::span<const double> start = before.row(begin / kChunkRows);
            std::vector<double> sum(start.begin(), start.end());
            for (std::size_t i = begin; i < end; ++i) {
                if (marks[i] != 0) add_row(k, i, sum);
                if (i >= segment.rows.begin)
                    mean[i] = static_cast<float>(share * dot(weight, i, sum));
            }
        });
    }
    return mean;
}

Matrix<float> causal_outputs(const Factors& factors, MatrixView<const float> values,
                             Backend* backend) {
    Matrix<float> out(factors.tokens(), values.cols);
    for (const CausalSegment& segment : factors.causal->segments)
        if (backend == nullptr || !segment_on_card(*backend, factors, segment, values, out))
            segment_outputs(factors, segment, values, out);
    return out;
}

}  // namespace hsa
