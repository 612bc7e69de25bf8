#include "bench/bench/peers/favor.h"

#include "bench/bench/peers/features.h"
#include "engine/core/gather.h"
#include "engine/core/random.h"

#include <cmath>
#include <utility>
#include <vector>

namespace hsa_bench {
namespace {

using hsa::Matrix;

double product(std::span<const double> a, std::span<const double> b) {
    double sum = 0.0;
    for (std::size_t e = 0; e < a.size(); ++e) sum += a[e] * b[e];
    return sum;
}

// Gaussian directions, orthogonal in blocks of d, [k, d].
Matrix<double> directions(std::size_t k, std::size_t d, std::uint64_t seed) {
    Matrix<double> w(k, d);
    for (std::size_t s = 0; s < k; ++s) {
        hsa::Random random{seed, 1, s};
        const std::span<double> own = w.row(s);
        for (double& x : own) x = random.normal();
        for (std::size_t before = s - s % d; before < s; ++before) {
            const std::span<const double> other = std::as_const(w).row(before);
            const double along = product(own, other);
            for (std::size_t a = 0; a < d; ++a) own[a] -= along * other[a];
        }
        const double length = std::sqrt(product(own, own));
        for (double& x : own) x /= length;
    }
    for (std::size_t s = 0; s < k; ++s) {
        hsa::Random random{seed, 2, s};
        double square = 0.0;
        for (std::size_t a = 0; a < d; ++a) square += std::pow(random.normal(), 2);
        for (double& x : w.row(s)) x *= std::sqrt(square);
    }
    return w;
}

std::vector<double> mean_of(const Matrix<float>& x) {
    std::vector<double> mean(x.cols(), 0.0);
    for (std::size_t i = 0; i < x.rows(); ++i)
        for (std::size_t a = 0; a < mean.size(); ++a)
            mean[a] += static_cast<double>(x(i, a)) / static_cast<double>(x.rows());
    return mean;
}

double mean_square(const Matrix<float>& x) {
    double sum = 0.0;
    for (std::size_t e = 0; e < x.size(); ++e) sum += std::pow(static_cast<double>(x.data()[e]), 2);
    return sum / static_cast<double>(x.rows());
}

void less_mean(Matrix<float>& x, const std::vector<double>& mean) {
    for (std::size_t i = 0; i < x.rows(); ++i)
        for (std::size_t a = 0; a < mean.size(); ++a) x(i, a) -= static_cast<float>(mean[a]);
}

void scale(Matrix<float>& x, double factor) {
    for (std::size_t e = 0; e < x.size(); ++e) x.data()[e] *= static_cast<float>(factor);
}

// The A of least mean second moment for mean |q + k|^2 = square.
double best_a(double square, double d) {
    if (!(square > 0.0)) return 0.0;
    const double sum = 2.0 * square + d;
    const double rho = (std::sqrt(sum * sum + 8.0 * d * square) - sum) / (4.0 * square);
    return (1.0 - 1.0 / rho) / 8.0;
}

}  // namespace

Matrix<float> favor_rows(const hsa::Head& head, std::span<const std::uint32_t> rows,
                         std::size_t features, FavorForm form, std::uint64_t seed) {
    Matrix<float> queries = queries_of(head);
    Matrix<float> keys = *head.coordinates.base;
    const std::size_t d = keys.cols();
    // q . k = (q - m) . (k - l) + m . k + what a row has in common.
    std::vector<double> of_key(keys.rows(), 0.0);
    double a = 0.0;
    if (form != FavorForm::plain) {
        const std::vector<double> of_queries = mean_of(queries);
        for (std::size_t j = 0; j < keys.rows(); ++j)
            for (std::size_t c = 0; c < d; ++c)
                of_key[j] += of_queries[c] * static_cast<double>(keys(j, c));
        less_mean(queries, of_queries);
        less_mean(keys, mean_of(keys));
        const double asking = mean_square(queries);
        const double asked = mean_square(keys);
        if (asking > 0.0 && asked > 0.0) {
            const double ratio = std::pow(asked / asking, 0.25);
            scale(queries, ratio);
            scale(keys, 1.0 / ratio);
        }
        if (form == FavorForm::optimal)
            a = best_a(mean_square(queries) + mean_square(keys), static_cast<double>(d));
    }
    Matrix<double> w =
        directions(form == FavorForm::pairs ? (features + 1) / 2 : features, d, seed);
    if (form == FavorForm::pairs)
        for (std::size_t s = 0; w.rows() < features; ++s) {
            std::vector<double> opposite;
            for (const double x : w.row(s)) opposite.push_back(-x);
            w.append_row(opposite);
        }
    const double b = std::sqrt(1.0 - 4.0 * a);
    Matrix<float> scaled(features, d);
    for (std::size_t e = 0; e < w.size(); ++e)
        scaled.data()[e] = static_cast<float>(b * w.data()[e]);
    Matrix<float> log_phi = scores(hsa::gather_rows(std::as_const(queries).view(), rows), scaled);
    Matrix<float> log_psi = scores(scaled, keys);
    for (std::size_t j = 0; j < keys.rows(); ++j)
        for (const float x : keys.row(j))
            of_key[j] -= 0.5 * static_cast<double>(x) * static_cast<double>(x);
    for (std::size_t s = 0; s < features; ++s) {
        const double of_feature = 2.0 * a * product(w.row(s), w.row(s));
        for (std::size_t j = 0; j < keys.rows(); ++j)
            log_psi(s, j) += static_cast<float>(of_feature + of_key[j]);
    }
    return rows_of_features(std::move(log_phi), std::move(log_psi));
}

}  // namespace hsa_bench
