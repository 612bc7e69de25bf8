#include "engine/attention/finish.h"
#include "engine/attention/sorted_parts.h"
#include "engine/attention/sparse_factors.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <Eigen/Core>

#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kRowsAtOnce = 64;  // of outputs, between two looks at the means

Eigen::Map<const Eigen::ArrayXf> numbers_of(std::span<const float> row) {
    return {row.data(), static_cast<Eigen::Index>(row.size())};
}

void check_token(const SparseFactors& factors, std::size_t token) {
    if (token >= factors.tokens())
        fail("There is no token {}: the data have {}, counted from 0.", token, factors.tokens());
}

// The means of a side over some tokens, a number a splat, the rest last: [splats + 1].
std::vector<double> means_of(const Matrix<std::uint32_t>& column, const Matrix<float>& value,
                             std::span<const float> rest, std::size_t splats,
                             std::span<const Range> tokens) {
    std::vector<double> mean(splats + 1, 0.0);
    std::size_t count = 0;
    for (const Range& range : tokens) {
        const std::size_t last = std::min(range.end, value.rows());
        if (last <= range.begin) continue;
        count += last - range.begin;
        const std::vector<double> sum =
            parallel_sum(last - range.begin, mean.size(),
                         [&](std::size_t from, std::size_t to, std::span<double> out) {
                             for (std::size_t i = range.begin + from; i < range.begin + to; ++i) {
                                 for (std::size_t b = 0; b < value.cols(); ++b)
                                     out[column(i, b)] += static_cast<double>(value(i, b));
                                 out[splats] += static_cast<double>(rest[i]);
                             }
                         });
        for (std::size_t s = 0; s < mean.size(); ++s) mean[s] += sum[s];
    }
    for (double& own : mean) own /= static_cast<double>(std::max<std::size_t>(count, 1));
    return mean;
}

std::size_t splats_of(const SparseFactors& factors) {
    return factors.columns() - (factors.has_background() ? 1 : 0);
}

// sum_s weight[s] value(i, s) + weight[splats] rest_i of every token: [n].
std::vector<float> weighted_tokens(const Matrix<std::uint32_t>& column, const Matrix<float>& value,
                                   std::span<const float> rest, std::span<const double> weight) {
    std::vector<float> out(value.rows());
    parallel_blocks(out.size(), kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            double sum = weight.back() * static_cast<double>(rest[i]);
            for (std::size_t b = 0; b < value.cols(); ++b)
                sum += weight[column(i, b)] * static_cast<double>(value(i, b));
            out[i] = static_cast<float>(sum);
        }
    });
    return out;
}

}  // namespace

CellParts cell_parts(const SparseFactors& factors, std::size_t i, std::size_t j) {
    check_token(factors, i);
    check_token(factors, j);
    const auto asks = factors.p_column->row(i);
    const auto answers = factors.k_column->row(j);
    std::vector<Part> parts;
    const auto add = [&](std::size_t s, double p, double k) {
        parts.push_back({factors.ids[s], factors.level[s], p, k, p * k});
    };
    for (std::size_t a = 0, b = 0; a < asks.size() && b < answers.size();) {
        if (asks[a] == answers[b])
            add(asks[a], static_cast<double>(factors.p(i, a)),
                static_cast<double>(factors.k(j, b)));
        const bool rows_next = asks[a] <= answers[b];
        b += answers[b] <= asks[a] ? 1U : 0U;
        a += rows_next ? 1U : 0U;
    }
    const auto p = static_cast<double>(factors.rest[i]);
    const auto k = static_cast<double>(factors.rest_k[j]);
    if (factors.has_background() || p > 0.0)
        parts.push_back({kNoSplat, kBackgroundLevel, p, k, p * k});
    return sorted_parts(std::move(parts));
}

CellParts block_parts(const SparseFactors& factors, const Block& block) {
    if (block.rows.empty() || block.columns.empty() || block.rows.end > factors.tokens() ||
        block.columns.end > factors.tokens())
        fail("The block {}:{} x {}:{} is empty or reaches beyond the {} tokens.", block.rows.begin,
             block.rows.end, block.columns.begin, block.columns.end, factors.tokens());
    const std::size_t splats = splats_of(factors);
    const std::vector<double> p =
        means_of(*factors.p_column, factors.p, factors.rest, splats, std::span(&block.rows, 1));
    const std::vector<double> k = means_of(*factors.k_column, factors.k, factors.rest_k, splats,
                                           std::span(&block.columns, 1));
    std::vector<Part> parts;
    for (std::size_t s = 0; s < splats; ++s)
        if (p[s] > 0.0 && k[s] > 0.0)
            parts.push_back({factors.ids[s], factors.level[s], p[s], k[s], p[s] * k[s]});
    if (factors.has_background() || p[splats] > 0.0)
        parts.push_back({kNoSplat, kBackgroundLevel, p[splats], k[splats], p[splats] * k[splats]});
    return sorted_parts(std::move(parts));
}

void attention_rows(const SparseFactors& factors, std::span<const std::uint32_t> rows,
                    const AttentionSettings& settings, MatrixView<float> out) {
    if (out.rows != rows.size() || out.cols != factors.tokens())
        fault("{} rows of attention into a matrix of {} x {}", rows.size(), out.rows, out.cols);
    for (const std::uint32_t row : rows) check_token(factors, row);
    parallel_for(rows.size(), [&](std::size_t r) {
        const std::size_t i = rows[r];
        const std::span<float> row = out.row(r);
        for (std::size_t j = 0; j < row.size(); ++j) row[j] = factors.rest[i] * factors.rest_k[j];
        for (std::size_t b = 0; b < factors.p.cols(); ++b) {
            const std::size_t s = (*factors.p_column)(i, b);
            const float p = factors.p(i, b);
            for (std::size_t e = factors.key_begins[s]; e < factors.key_begins[s + 1]; ++e)
                row[factors.key_tokens[e]] += p * factors.key_values[e];
        }
        if (has_row_steps(settings))
            finish_row(row, static_cast<double>(factors.log_normaliser[i]), settings,
                       {.masked = factors.masked});
    });
}

std::vector<float> mean_row(const SparseFactors& factors, std::span<const Range> tokens) {
    return weighted_tokens(
        *factors.k_column, factors.k, factors.rest_k,
        means_of(*factors.p_column, factors.p, factors.rest, splats_of(factors), tokens));
}

std::vector<float> mean_column(const SparseFactors& factors, std::span<const Range> tokens) {
    return weighted_tokens(
        *factors.p_column, factors.p, factors.rest,
        means_of(*factors.k_column, factors.k, factors.rest_k, splats_of(factors), tokens));
}

Matrix<float> attend(const SparseFactors& factors, MatrixView<const float> values) {
    const std::size_t n = factors.tokens();
    if (values.rows != n)
        fail("The values have {} rows and the data {} tokens: one row a token is needed.",
             values.rows, n);
    const std::size_t splats = splats_of(factors);
    Matrix<float> means(splats + 1, values.cols);  // U = K V, the rest last
    parallel_for(splats, [&](std::size_t s) {
        Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(static_cast<Eigen::Index>(values.cols));
        for (std::size_t e = factors.key_begins[s]; e < factors.key_begins[s + 1]; ++e)
            sum += static_cast<double>(factors.key_values[e]) *
                   numbers_of(values.row(factors.key_tokens[e])).cast<double>();
        std::transform(sum.begin(), sum.end(), means.row(s).begin(),
                       [](double own) { return static_cast<float>(own); });
    });
    const std::vector<double> rest = parallel_sum(
        n, values.cols, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t j = begin; j < end; ++j)
                for (std::size_t c = 0; c < out.size(); ++c)
                    out[c] +=
                        static_cast<double>(factors.rest_k[j]) * static_cast<double>(values(j, c));
        });
    std::transform(rest.begin(), rest.end(), means.row(splats).begin(),
                   [](double own) { return static_cast<float>(own); });
    Matrix<float> out = Matrix<float>::unwritten(n, values.cols);
    parallel_blocks(n, kRowsAtOnce, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            Eigen::Map<Eigen::ArrayXf> to(out.row(i).data(),
                                          static_cast<Eigen::Index>(values.cols));
            to = factors.rest[i] * numbers_of(std::as_const(means).row(splats));
            for (std::size_t b = 0; b < factors.p.cols(); ++b)
                to += factors.p(i, b) *
                      numbers_of(std::as_const(means).row((*factors.p_column)(i, b)));
        }
    });
    return out;
}

}  // namespace hsa
