#include "engine/adapt/gradient.h"

#include "engine/adapt/compared_rows.h"
#include "engine/adapt/past.h"
#include "engine/attention/divergence.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <algorithm>
#include <vector>

namespace hsa {
namespace {

// One pass over the columns: the loss, R K [rows, k] and the key side of g as `kernel` sums it.
std::vector<double> columns_on_cpu(const LevelKeys& keys, const LevelQueries& queries,
                                   MatrixView<const float> x, MatrixView<const float> t,
                                   std::span<const double> row_weight, std::span<const float> drawn,
                                   const Matrix<float>& cells, const KernelSums& kernel) {
    const std::size_t rows = t.rows;
    const std::size_t k = cells.cols();
    const std::size_t posterior = 1;
    const std::size_t sums_at = posterior + rows * k;
    return parallel_sum(x.rows, sums_at + kernel.width(),
                        [&](std::size_t begin, std::size_t end, std::span<double> out) {
                            const std::size_t width = end - begin;
                            const MatrixView<const float> key = keys.k.view().block(begin, end);
                            auto ratio = Matrix<float>::unwritten(rows, width);
                            level_block(keys, queries.rows(), begin, ratio.view());
                            for (std::size_t i = 0; i < rows; ++i)
                                out[0] += row_weight[i] *
                                          divergence_to_ratio(t.row(i).subspan(begin, width),
                                                              ratio.row(i));
                            auto product = Matrix<float>::unwritten(rows, k);
                            multiply(ratio.view(), key, product.view());
                            for (std::size_t e = 0; e < product.size(); ++e)
                                out[posterior + e] += static_cast<double>(product.data()[e]);
                            auto g = Matrix<float>::unwritten(width, k);
                            transposed_multiply(ratio.view(), cells.view(), g.view());
                            if (queries.seen.empty())
                                for (std::size_t j = 0; j < width; ++j) {
                                    float* row = g.row(j).data();
                                    const float* own = key.row(j).data();
                                    for (std::size_t s = 0; s < k; ++s)
                                        row[s] = own[s] * (drawn[s] - row[s]);
                                }
                            else to_key_slopes(key, cells, queries.seen, begin, g.view());
                            kernel.add(g.view(), x.block(begin, end), out.subspan(sums_at));
                        });
}

// The same by a card; empty where none does it.
std::vector<double> columns_on_card(Backend& backend, const LevelKeys& keys,
                                    const LevelQueries& queries, MatrixView<const float> x,
                                    MatrixView<const float> t, std::span<const double> row_weight,
                                    const Matrix<float>& cells, const KernelSums& kernel) {
    const std::size_t rows = t.rows;
    const std::size_t k = cells.cols();
    if (!worth_sending(backend, queries.rows(), t.cols)) return {};
    const Matrix<float> beside = kernel.beside(x);
    std::vector<double> kl(rows);
    Matrix<double> product(rows, k);
    Matrix<double> moments(k, beside.cols());
    RowComparison out;
    out.divergence = kl;
    out.product = product.view();
    out.share = cells.view();
    out.beside = beside.view();
    out.moments = moments.view();
    if (!compare_on_card(backend, keys, queries.rows(), t, out)) return {};
    std::vector<double> total(1 + rows * k + kernel.width(), 0.0);
    for (std::size_t i = 0; i < rows; ++i) total[0] += row_weight[i] * kl[i];
    std::copy_n(product.data(), product.size(), total.begin() + 1);
    kernel.add_moments(moments, std::span(total).subspan(1 + rows * k));
    return total;
}

}  // namespace

LevelGradient sampled_gradient(Backend& backend, const LevelSplats& splats, double temperature,
                               double background_logit, MatrixView<const float> x,
                               double column_log_weight, MatrixView<const float> x_rows,
                               MatrixView<const float> t, std::span<const double> row_weight,
                               std::vector<std::size_t> seen) {
    const std::size_t k = splats.size();
    const std::size_t rows = x_rows.rows;
    if (t.rows != rows || t.cols != x.rows || row_weight.size() != rows)
        fault("a gradient of {} rows with a target of {} x {}", rows, t.rows, t.cols);
    const auto bound = bind(backend, splats, temperature);
    const LevelKeys keys = level_keys(backend, *bound, x, column_log_weight);
    const LevelQueries queries = level_queries(backend, *bound, splats.log_weight, keys,
                                               background_logit, x_rows, std::move(seen));
    Matrix<float> weighted(rows, k);  // weight_i P(s|i)
    std::vector<float> drawn(k, 0.0F);
    {
        std::vector<double> total(k, 0.0);
        for (std::size_t i = 0; i < rows; ++i)
            for (std::size_t s = 0; s < k; ++s) {
                const double p = row_weight[i] * static_cast<double>(queries.p(i, s));
                weighted(i, s) = static_cast<float>(p);
                total[s] += p;
            }
        for (std::size_t s = 0; s < k; ++s) drawn[s] = static_cast<float>(total[s]);
    }
    Matrix<float> weighted_cells;  // the same of what cells are made of, where that is not P
    if (!queries.seen.empty()) {
        weighted_cells = queries.weight;
        for (std::size_t i = 0; i < rows; ++i)
            for (float& weight : weighted_cells.row(i))
                weight = static_cast<float>(row_weight[i] * static_cast<double>(weight));
    }
    const Matrix<float>& cells = queries.seen.empty() ? weighted : weighted_cells;
    const KernelSums kernel(k, x.cols, splats.spherical());
    const std::size_t posterior = 1;
    const std::size_t sums_at = posterior + rows * k;
    std::vector<double> total =
        columns_on_card(backend, keys, queries, x, t, row_weight, cells, kernel);
    if (total.empty())
        total = columns_on_cpu(keys, queries, x, t, row_weight, drawn, cells, kernel);
    // The query side: dL/dz = weight (P - gamma), gamma = P o (R K).
    LevelGradient gradient;
    gradient.loss = total[0];
    gradient.log_weight.assign(k, 0.0);
    Matrix<float> dz(rows, k);
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t s = 0; s < k; ++s) {
            const double own = total[posterior + i * k + s];
            const auto p = static_cast<double>(weighted(i, s));
            const double step =
                queries.seen.empty() ? p * (1.0 - own) : p - static_cast<double>(cells(i, s)) * own;
            dz(i, s) = static_cast<float>(step);
            gradient.log_weight[s] += step;
        }
    const std::span<double> sums = std::span(total).subspan(sums_at);
    kernel.add(dz.view(), x_rows, sums);
    kernel.to_parameters(sums, columns_of(splats, temperature), gradient);
    return gradient;
}

}  // namespace hsa
