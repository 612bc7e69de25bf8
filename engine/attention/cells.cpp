#include "engine/attention/cells.h"

#include "engine/attention/causal_factors.h"
#include "engine/attention/causal_scans.h"
#include "engine/attention/finish.h"
#include "engine/attention/near_sums.h"
#include "engine/attention/row_lanes.h"
#include "engine/attention/sorted_parts.h"
#include "engine/attention/sums.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kMostCells = std::size_t{1} << 28U;

// The parts of A_ij, or of its mean over a block, from each splat's share and its value; what the
// splat gives the columns is what is left.
CellParts causal_parts(const Factors& factors, std::span<const double> p,
                       std::span<const double> value) {
    std::vector<Part> parts;
    for (std::size_t c = 0; c < factors.columns(); ++c)
        parts.push_back(
            {factors.ids[c], factors.level[c], p[c], p[c] > 0.0 ? value[c] / p[c] : 0.0, value[c]});
    return sorted_parts(std::move(parts));
}

CellParts product_parts(const Factors& factors, std::span<const double> p,
                        std::span<const double> k) {
    std::vector<Part> parts;
    for (std::size_t c = 0; c < factors.columns(); ++c)
        parts.push_back({factors.ids[c], factors.level[c], p[c], k[c], p[c] * k[c]});
    return sorted_parts(std::move(parts));
}

// As causal_parts, beside the part of exact pairs.
CellParts with_exact(const Factors& factors, std::span<const double> p,
                     std::span<const double> value, double exact) {
    std::vector<Part> parts = causal_parts(factors, p, value).parts;
    parts.push_back({kExactPairs, kExactLevel, 1.0, exact, exact});
    return sorted_parts(std::move(parts));
}

void check_token(const Factors& factors, std::size_t token) {
    if (token >= factors.tokens())
        fail("There is no token {}: the data have {}, counted from 0.", token, factors.tokens());
}

// sum_s left[s] * factor(i, s) for all i: [n].
std::vector<float> weighted_columns(const FactorMatrix& factor, std::span<const double> left) {
    std::vector<float> out(factor.rows());
    parallel_blocks(factor.rows(), kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const FactorRow row = factor.row(i);
            double sum = 0.0;
            for (std::size_t s = 0; s < left.size(); ++s)
                sum += left[s] * static_cast<double>(row[s]);
            out[i] = static_cast<float>(sum);
        }
    });
    return out;
}

std::vector<double> mean_over(const FactorMatrix& factor, std::span<const Range> tokens) {
    std::vector<double> mean(factor.cols(), 0.0);
    std::size_t count = 0;
    for (const Range& range : tokens) {
        const std::size_t end = std::min(range.end, factor.rows());
        if (end <= range.begin) continue;
        count += end - range.begin;
        const std::vector<double> sum =
            parallel_sum(end - range.begin, factor.cols(),
                         [&](std::size_t from, std::size_t to, std::span<double> out) {
                             for (std::size_t i = from; i < to; ++i) {
                                 const FactorRow row = factor.row(range.begin + i);
                                 for (std::size_t s = 0; s < out.size(); ++s)
                                     out[s] += static_cast<double>(row[s]);
                             }
                         });
        for (std::size_t s = 0; s < mean.size(); ++s) mean[s] += sum[s];
    }
    for (double& m : mean) m /= static_cast<double>(std::max<std::size_t>(count, 1));
    return mean;
}

}  // namespace

CellParts sorted_parts(std::vector<Part> parts) {
    CellParts cell;
    cell.parts = std::move(parts);
    std::stable_sort(cell.parts.begin(), cell.parts.end(),
                     [](const Part& a, const Part& b) { return a.value > b.value; });
    for (auto part = cell.parts.rbegin(); part != cell.parts.rend(); ++part)
        cell.value += part->value;
    return cell;
}

CellParts cell_parts(const Factors& factors, std::size_t i, std::size_t j) {
    check_token(factors, i);
    check_token(factors, j);
    const auto shares = factors.p.row(i);
    const std::vector<double> p(shares.begin(), shares.end());
    const std::size_t pair = factors.near ? factors.near->set.find(i, j) : 0;
    const bool exact = factors.near && pair < factors.near->set.pairs();
    if (exact && factors.near->replaces) {
        const auto value = static_cast<double>(factors.near->exact[pair]);
        return {value, {{kExactPairs, kExactLevel, 1.0, value, value}}};
    }
    if (!factors.causal && !exact) {
        const auto k = factors.k.row(j);
        return product_parts(factors, p, std::vector<double>(k.begin(), k.end()));
    }
    std::vector<double> value(factors.columns(), 0.0);
    if (!factors.causal || j <= i) {
        const auto weight = factors.row_weights().row(i);
        const auto k = factors.keys_of_row(i).row(j);
        for (std::size_t s = 0; s < value.size(); ++s)
            value[s] = static_cast<double>(weight[s]) * static_cast<double>(k[s]);
    }
    if (exact) return with_exact(factors, p, value, static_cast<double>(factors.near->exact[pair]));
    return causal_parts(factors, p, value);
}

CellParts block_parts(const Factors& factors, const TileSums& sums, const Block& block) {
    if (block.rows.empty() || block.columns.empty() || block.rows.end > factors.tokens() ||
        block.columns.end > factors.tokens())
        fail("The block {}:{} x {}:{} is empty or reaches beyond the {} tokens.", block.rows.begin,
             block.rows.end, block.columns.begin, block.columns.end, factors.tokens());
    std::vector<double> p(factors.columns());
    std::vector<double> value(factors.columns());
    const NearBlock near = near_block(factors, block);
    const auto with_near = [&] {
        for (std::size_t s = 0; s < value.size(); ++s)
            value[s] = std::max(0.0, value[s] - near.said[s]);
        return with_exact(factors, p, value, near.exact);
    };
    if (factors.causal) {
        causal_block_sums(factors, sums, block.rows, block.columns, value);
        for (double& x : value)
            x /= static_cast<double>(block.rows.size()) * static_cast<double>(block.columns.size());
        p = mean_over(factors.p, std::span(&block.rows, 1));
        return factors.near ? with_near() : causal_parts(factors, p, value);
    }
    std::vector<double> k(factors.columns());
    range_sum(factors.p, sums.p, block.rows, p);
    range_sum(factors.k, sums.k, block.columns, k);
    for (double& x : p) x /= static_cast<double>(block.rows.size());
    for (double& x : k) x /= static_cast<double>(block.columns.size());
    if (!factors.near) return product_parts(factors, p, k);
    for (std::size_t s = 0; s < value.size(); ++s) value[s] = p[s] * k[s];
    return with_near();
}

namespace {

// The rows of one segment, before row steps.
void plain_rows(const Factors& factors, const CausalSegment& segment,
                std::span<const std::uint32_t> rows, MatrixView<float> out) {
    std::vector<std::size_t> places;
    std::size_t reach = 0;  // columns that some row sees
    for (std::size_t r = 0; r < rows.size(); ++r)
        if (segment.rows.contains(rows[r])) {
            places.push_back(r);
            reach = std::max(reach, factors.causal ? rows[r] + std::size_t{1} : out.cols);
        }
    if (places.empty()) return;
    const FactorMatrix& weights = factors.row_weights();
    Matrix<float> p(places.size(), factors.columns());
    for (std::size_t r = 0; r < places.size(); ++r) {
        const FactorRow weight = weights.row(rows[places[r]]);
        std::copy_n(weight.begin(), factors.columns(), p.row(r).begin());
    }
    const bool all = places.size() == rows.size();
    Matrix<float> some(all ? 0 : places.size(), all ? 0 : out.cols);
    const MatrixView<float> into = all ? out : some.view();
    parallel_blocks(reach, kChunkRows, [&](std::size_t begin, std::size_t end) {
        const MatrixView<float> part(into.data + begin, into.rows, end - begin, into.stride);
        const FactorBlock keys = factors.keys_of(segment).block(begin, end);
        row_products(std::as_const(p).view(), keys.view(), part);
    });
    for (std::size_t r = 0; r < places.size(); ++r) {
        const std::span<float> row = out.row(places[r]);
        if (!all) std::copy_n(into.row(r).begin(), row.size(), row.begin());
        if (factors.causal)
            std::fill(row.begin() + static_cast<std::ptrdiff_t>(rows[places[r]]) + 1, row.end(),
                      0.0F);
    }
}

}  // namespace

void attention_rows(const Factors& factors, std::span<const std::uint32_t> rows,
                    const AttentionSettings& settings, MatrixView<float> out) {
    const std::size_t n = factors.tokens();
    if (out.rows != rows.size() || out.cols != n)
        fault("{} rows of attention into a matrix of {} x {}", rows.size(), out.rows, out.cols);
    for (const std::uint32_t row : rows) check_token(factors, row);
    for (const CausalSegment& segment : factors.segments()) plain_rows(factors, segment, rows, out);
    add_near(factors, rows, out);
    if (!has_row_steps(settings)) return;
    parallel_for(rows.size(), [&](std::size_t r) {
        RowReach reach;
        if (factors.causal) reach.seen = rows[r] + std::size_t{1};
        reach.masked = factors.masked;
        finish_row(out.row(r), static_cast<double>(factors.log_normaliser[rows[r]]), settings,
                   reach);
    });
}

std::vector<float> attention_column(const Factors& factors, std::size_t j) {
    check_token(factors, j);
    const Range token{j, j + 1};
    return mean_column(factors, std::span(&token, 1));
}

std::vector<float> mean_row(const Factors& factors, std::span<const Range> tokens) {
    std::vector<float> row = factors.causal
                                 ? causal_mean_row(factors, tokens)
                                 : weighted_columns(factors.k, mean_over(factors.p, tokens));
    add_near_rows(factors, tokens, row);
    return row;
}

std::vector<float> mean_column(const Factors& factors, std::span<const Range> tokens) {
    std::vector<float> column = factors.causal
                                    ? causal_mean_column(factors, tokens)
                                    : weighted_columns(factors.p, mean_over(factors.k, tokens));
    add_near_columns(factors, tokens, column);
    return column;
}

Matrix<float> attention_block(const Factors& factors, const Block& block,
                              const AttentionSettings& settings) {
    const std::size_t cells = block.rows.size() * block.columns.size();
    if (cells > kMostCells)
        fail(
            "The dense part {} x {} would have {} cells ({:.1f} GB); at most 2^28 can be written. "
            "Ask for "
            "fewer rows or columns.",
            block.rows.size(), block.columns.size(), cells, static_cast<double>(cells) * 4e-9);
    Matrix<float> out(block.rows.size(), block.columns.size());
    constexpr std::size_t kRowsAtOnce = 64;
    Matrix<float> whole(std::min(kRowsAtOnce, block.rows.size()), factors.tokens());
    for (std::size_t first = 0; first < block.rows.size(); first += kRowsAtOnce) {
        const std::size_t count = std::min(kRowsAtOnce, block.rows.size() - first);
        std::vector<std::uint32_t> rows(count);
        std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(block.rows.begin + first));
        attention_rows(factors, rows, settings, whole.view().block(0, count));
        for (std::size_t r = 0; r < count; ++r)
            std::copy_n(whole.row(r).begin() + static_cast<std::ptrdiff_t>(block.columns.begin),
                        block.columns.size(), out.row(first + r).begin());
    }
    return out;
}

Matrix<float> attend(const Factors& factors, MatrixView<const float> values, Backend* backend) {
    const std::size_t n = factors.tokens();
    const std::size_t columns = factors.columns();
    if (values.rows != n)
        fail("The values have {} rows and the data {} tokens: one row a token is needed.",
             values.rows, n);
    if (factors.causal) {
        Matrix<float> out = causal_outputs(factors, values, backend);
        add_near_outputs(factors, values, out.view());
        return out;
    }
    const Matrix<double> u = values_of_columns(factors.k, values);
    Matrix<float> collected(columns, values.cols);
    for (std::size_t x = 0; x < u.size(); ++x)
        collected.data()[x] = static_cast<float>(u.data()[x]);
    Matrix<float> out(n, values.cols);
    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        const FactorBlock rows = factors.p.block(begin, end);
        multiply(rows.view(), collected.view(), out.view().block(begin, end));
    });
    add_near_outputs(factors, values, out.view());
    return out;
}

}  // namespace hsa
