#include "engine/adapt/bandwidth.h"

#include "engine/core/exponential.h"
#include "engine/core/parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hsa {
namespace {

constexpr int kHalvings = 40;
constexpr double kLeastBeta = 1e-6;
constexpr double kMostBeta = 1e3;

double mean_perplexity(const Matrix<float>& log_kernel, double beta) {
    const std::size_t rows = log_kernel.rows();
    const std::size_t k = log_kernel.cols();
    const auto scale = static_cast<float>(beta);
    // ell <= 0 with its maximum over rows near 0 for each splat: sums of exp(beta ell - beta max) are safe.
    std::vector<float> most(k, -std::numeric_limits<float>::infinity());
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t s = 0; s < k; ++s) most[s] = std::max(most[s], log_kernel(i, s));
    std::vector<float> shift(k);
    for (std::size_t s = 0; s < k; ++s) shift[s] = scale * most[s];
    const std::vector<double> sums =
        parallel_sum(rows, k, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            std::vector<float> row(k);
            for (std::size_t i = begin; i < end; ++i) {
                for (std::size_t s = 0; s < k; ++s) row[s] = scale * log_kernel(i, s);
                add_exp_shifted(row, shift, out);
            }
        });
    std::vector<float> mass(k);
    for (std::size_t s = 0; s < k; ++s) mass[s] = static_cast<float>(static_cast<double>(shift[s]) + std::log(sums[s]));
    const double total = parallel_sum(rows, 1, [&](std::size_t begin, std::size_t end, std::span<double> out) {
        std::vector<float> logits(k);
        std::vector<float> p(k);
        for (std::size_t i = begin; i < end; ++i) {
            for (std::size_t s = 0; s < k; ++s) logits[s] = scale * log_kernel(i, s) + mass[s];
            p = logits;
            const double normaliser = softmax(p);
            double mean = 0.0;
            for (std::size_t s = 0; s < k; ++s)
                if (p[s] > 0.0F) mean += static_cast<double>(p[s]) * static_cast<double>(logits[s]);
            out[0] += std::exp(normaliser - mean);
        }
    })[0];
    return total / static_cast<double>(rows);
}

}  // namespace

std::vector<std::uint32_t> stratified_rows(std::size_t n, std::size_t count) {
    count = std::min(n, count);
    std::vector<std::uint32_t> rows(count);
    for (std::size_t r = 0; r < count; ++r)
        rows[r] = static_cast<std::uint32_t>((2 * r + 1) * n / (2 * count));
    return rows;
}

Bandwidth fit_bandwidth(const Matrix<float>& log_kernel, double target, const Work& work) {
    Bandwidth found;
    if (log_kernel.cols() < 2 || log_kernel.rows() == 0) return found;
    double low = std::log(kLeastBeta);
    double high = std::log(kMostBeta);
    for (int halving = 0; halving < kHalvings; ++halving) {
        work.check();
        const double middle = 0.5 * (low + high);
        (mean_perplexity(log_kernel, std::exp(middle)) > target ? low : high) = middle;
    }
    found.beta = std::exp(0.5 * (low + high));
    found.perplexity = mean_perplexity(log_kernel, found.beta);
    return found;
}

}  // namespace hsa
