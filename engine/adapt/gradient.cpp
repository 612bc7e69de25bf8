#include "engine/adapt/gradient.h"

#include "engine/adapt/divergence.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"
#include "engine/model/whitening.h"

#include <algorithm>

namespace hsa {
namespace {

// dmu = beta / T Sigma^-1 (S1 - S0 mu). The shape of lowrank and full splats is changed by mitosis
// and merge, not by steps: its gradient stays 0.
void centre_of_shaped(double s0, const double* s1, double scale, const LevelSplats& splats,
                      std::size_t s, LevelGradient& gradient) {
    std::vector<double> along(splats.centre.cols());
    for (std::size_t a = 0; a < along.size(); ++a)
        along[a] = scale * (s1[a] - s0 * static_cast<double>(splats.centre(s, a)));
    const std::vector<double> step = Whitening(splats.covariance(s)).precision_times(along);
    std::copy(step.begin(), step.end(), gradient.centre.row(s).begin());
}

}  // namespace

KernelSums::KernelSums(std::size_t splats, std::size_t dimension, bool spherical)
    : splats_(splats), dimension_(dimension), axes_(spherical ? 1 : dimension) {}

void KernelSums::add(MatrixView<const float> g, MatrixView<const float> x,
                     std::span<double> out) const {
    double* s0 = out.data();
    double* s1 = s0 + splats_;
    double* s2 = s1 + splats_ * dimension_;
    Matrix<float> product(splats_, dimension_);
    transposed_multiply(g, x, product.view());
    for (std::size_t e = 0; e < product.size(); ++e)
        s1[e] += static_cast<double>(product.data()[e]);
    if (axes_ == 1) {
        for (std::size_t j = 0; j < g.rows; ++j) {
            const float* row = g.row(j).data();
            float square = 0.0F;
            for (const float value : x.row(j)) square += value * value;
            for (std::size_t s = 0; s < splats_; ++s) {
                s0[s] += static_cast<double>(row[s]);
                s2[s] += static_cast<double>(row[s] * square);
            }
        }
        return;
    }
    Matrix<float> squares(x.rows, dimension_);
    for (std::size_t j = 0; j < x.rows; ++j)
        for (std::size_t a = 0; a < dimension_; ++a) squares(j, a) = x(j, a) * x(j, a);
    transposed_multiply(g, squares.view(), product.view());
    for (std::size_t e = 0; e < product.size(); ++e)
        s2[e] += static_cast<double>(product.data()[e]);
    for (std::size_t j = 0; j < g.rows; ++j)
        for (std::size_t s = 0; s < splats_; ++s) s0[s] += static_cast<double>(g(j, s));
}

void KernelSums::to_parameters(std::span<const double> sums, const LevelSplats& splats,
                               double temperature, LevelGradient& gradient) const {
    const double* s0 = sums.data();
    const double* s1 = s0 + splats_;
    const double* s2 = s1 + splats_ * dimension_;
    gradient.centre = Matrix<double>(splats_, dimension_);
    gradient.log_precision = Matrix<double>(splats_, axes_);
    for (std::size_t s = 0; s < splats_; ++s) {
        const double scale = static_cast<double>(splats.beta[s]) / temperature;
        double cross = 0.0;
        double own = 0.0;
        if (!splats.shape[s].empty()) {
            centre_of_shaped(s0[s], s1 + s * dimension_, scale, splats, s, gradient);
            continue;
        }
        for (std::size_t a = 0; a < dimension_; ++a) {
            const double p = scale / static_cast<double>(splats.variance(s, a));
            const auto mu = static_cast<double>(splats.centre(s, a));
            const double first = s1[s * dimension_ + a];
            gradient.centre(s, a) = p * (first - s0[s] * mu);
            if (axes_ == 1) {
                cross += mu * first;
                own += mu * mu;
            } else {
                gradient.log_precision(s, a) =
                    -0.5 * p * (s2[s * dimension_ + a] - 2.0 * mu * first + mu * mu * s0[s]);
            }
        }
        if (axes_ == 1)
            gradient.log_precision(s, 0) = -0.5 * scale /
                                           static_cast<double>(splats.variance(s, 0)) *
                                           (s2[s] - 2.0 * cross + own * s0[s]);
    }
}

LevelGradient sampled_gradient(Backend& backend, const LevelSplats& splats, double temperature,
                               double background_logit, MatrixView<const float> x,
                               double column_log_weight, MatrixView<const float> x_rows,
                               MatrixView<const float> t, std::span<const double> row_weight) {
    const std::size_t k = splats.size();
    const std::size_t rows = x_rows.rows;
    if (t.rows != rows || t.cols != x.rows || row_weight.size() != rows)
        fault("a gradient of {} rows with a target of {} x {}", rows, t.rows, t.cols);
    const auto bound = bind(backend, splats, temperature);
    const LevelKeys keys = level_keys(backend, *bound, x, column_log_weight);
    const LevelQueries queries =
        level_queries(backend, *bound, splats.log_weight, keys.log_mass, background_logit, x_rows);
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
    // One pass over the columns: the loss, R K [rows, k] and the key side of g.
    const KernelSums kernel(k, x.cols, splats.spherical());
    const std::size_t posterior = 1;
    const std::size_t sums_at = posterior + rows * k;
    std::vector<double> total = parallel_sum(
        x.rows, sums_at + kernel.width(),
        [&](std::size_t begin, std::size_t end, std::span<double> out) {
            const std::size_t width = end - begin;
            const MatrixView<const float> key = keys.k.view().block(begin, end);
            Matrix<float> ratio(rows, width);
            level_block(keys, queries.p.view(), queries.background, begin, ratio.view());
            for (std::size_t i = 0; i < rows; ++i)
                out[0] += row_weight[i] *
                          divergence_to_ratio(t.row(i).subspan(begin, width), ratio.row(i));
            Matrix<float> product(rows, k);
            multiply(ratio.view(), key, product.view());
            for (std::size_t e = 0; e < product.size(); ++e)
                out[posterior + e] += static_cast<double>(product.data()[e]);
            Matrix<float> g(width, k);
            transposed_multiply(ratio.view(), weighted.view(), g.view());
            for (std::size_t j = 0; j < width; ++j) {
                float* row = g.row(j).data();
                const float* own = key.row(j).data();
                for (std::size_t s = 0; s < k; ++s) row[s] = own[s] * (drawn[s] - row[s]);
            }
            kernel.add(g.view(), x.block(begin, end), out.subspan(sums_at));
        });
    // The query side: dL/dz = weight (P - gamma), gamma = P o (R K).
    LevelGradient gradient;
    gradient.loss = total[0];
    gradient.log_weight.assign(k, 0.0);
    Matrix<float> dz(rows, k);
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t s = 0; s < k; ++s) {
            const double step =
                static_cast<double>(weighted(i, s)) * (1.0 - total[posterior + i * k + s]);
            dz(i, s) = static_cast<float>(step);
            gradient.log_weight[s] += step;
        }
    const std::span<double> sums = std::span(total).subspan(sums_at);
    kernel.add(dz.view(), x_rows, sums);
    kernel.to_parameters(sums, splats, temperature, gradient);
    return gradient;
}

}  // namespace hsa
