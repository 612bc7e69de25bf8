#include "engine/attention/kernel_sums.h"

#include "engine/core/products.h"
#include "engine/model/whitening.h"

#include <algorithm>
#include <vector>

namespace hsa {
namespace {

// dmu = beta / T Sigma^-1 (S1 - S0 mu).
void centre_of_shaped(double s0, const double* s1, double scale, const SplatColumns& splats,
                      std::size_t s, KernelSlopes& slopes) {
    std::vector<double> along(splats.centre.cols);
    for (std::size_t a = 0; a < along.size(); ++a)
        along[a] = scale * (s1[a] - s0 * static_cast<double>(splats.centre(s, a)));
    const std::vector<double> step = Whitening(splats.covariance(s)).precision_times(along);
    std::copy(step.begin(), step.end(), slopes.centre.row(s).begin());
}

template <class T>
void add_rows(MatrixView<const T> g, MatrixView<const T> x, std::size_t axes,
              std::span<double> out) {
    const std::size_t splats = g.cols;
    const std::size_t dimension = x.cols;
    double* s0 = out.data();
    double* s1 = s0 + splats;
    double* s2 = s1 + splats * dimension;
    Matrix<T> product(splats, dimension);
    transposed_multiply(g, x, product.view());
    for (std::size_t e = 0; e < product.size(); ++e)
        s1[e] += static_cast<double>(product.data()[e]);
    if (axes == 1) {
        for (std::size_t j = 0; j < g.rows; ++j) {
            const T* row = g.row(j).data();
            T square = T{};
            for (const T value : x.row(j)) square += value * value;
            for (std::size_t s = 0; s < splats; ++s) {
                s0[s] += static_cast<double>(row[s]);
                s2[s] += static_cast<double>(row[s] * square);
            }
        }
        return;
    }
    Matrix<T> squares(x.rows, dimension);
    for (std::size_t j = 0; j < x.rows; ++j)
        for (std::size_t a = 0; a < dimension; ++a) squares(j, a) = x(j, a) * x(j, a);
    transposed_multiply(g, squares.view(), product.view());
    for (std::size_t e = 0; e < product.size(); ++e)
        s2[e] += static_cast<double>(product.data()[e]);
    for (std::size_t j = 0; j < g.rows; ++j)
        for (std::size_t s = 0; s < splats; ++s) s0[s] += static_cast<double>(g(j, s));
}

}  // namespace

KernelSums::KernelSums(std::size_t splats, std::size_t dimension, bool spherical)
    : splats_(splats), dimension_(dimension), axes_(spherical ? 1 : dimension) {}

void KernelSums::add(MatrixView<const float> g, MatrixView<const float> x,
                     std::span<double> out) const {
    add_rows(g, x, axes_, out);
}

void KernelSums::add(MatrixView<const double> g, MatrixView<const double> x,
                     std::span<double> out) const {
    add_rows(g, x, axes_, out);
}

// 1, x and its squares, or their sum.
Matrix<float> KernelSums::beside(MatrixView<const float> x) const {
    auto made = Matrix<float>::unwritten(x.rows, 1 + dimension_ + axes_);
    for (std::size_t j = 0; j < x.rows; ++j) {
        const std::span<float> row = made.row(j);
        row[0] = 1.0F;
        float square = 0.0F;
        for (std::size_t a = 0; a < dimension_; ++a) {
            row[1 + a] = x(j, a);
            square += x(j, a) * x(j, a);
            if (axes_ > 1) row[1 + dimension_ + a] = x(j, a) * x(j, a);
        }
        if (axes_ == 1) row[1 + dimension_] = square;
    }
    return made;
}

void KernelSums::add_moments(const Matrix<double>& moments, std::span<double> out) const {
    double* s1 = out.data() + splats_;
    double* s2 = s1 + splats_ * dimension_;
    for (std::size_t s = 0; s < splats_; ++s) {
        const double* own = moments.row(s).data();
        out[s] += own[0];
        for (std::size_t a = 0; a < dimension_; ++a) s1[s * dimension_ + a] += own[1 + a];
        for (std::size_t a = 0; a < axes_; ++a) s2[s * axes_ + a] += own[1 + dimension_ + a];
    }
}

void KernelSums::to_parameters(std::span<const double> sums, const SplatColumns& splats,
                               KernelSlopes& slopes) const {
    const double* s0 = sums.data();
    const double* s1 = s0 + splats_;
    const double* s2 = s1 + splats_ * dimension_;
    slopes.centre = Matrix<double>(splats_, dimension_);
    slopes.log_precision = Matrix<double>(splats_, axes_);
    for (std::size_t s = 0; s < splats_; ++s) {
        const double scale = static_cast<double>(splats.beta[s]) / splats.temperature;
        double cross = 0.0;
        double own = 0.0;
        if (!splats.shape[s].empty()) {
            centre_of_shaped(s0[s], s1 + s * dimension_, scale, splats, s, slopes);
            continue;
        }
        for (std::size_t a = 0; a < dimension_; ++a) {
            const double p = scale / static_cast<double>(splats.variance(s, a));
            const auto mu = static_cast<double>(splats.centre(s, a));
            const double first = s1[s * dimension_ + a];
            slopes.centre(s, a) = p * (first - s0[s] * mu);
            if (axes_ == 1) {
                cross += mu * first;
                own += mu * mu;
            } else {
                slopes.log_precision(s, a) =
                    -0.5 * p * (s2[s * dimension_ + a] - 2.0 * mu * first + mu * mu * s0[s]);
            }
        }
        if (axes_ == 1)
            slopes.log_precision(s, 0) = -0.5 * scale / static_cast<double>(splats.variance(s, 0)) *
                                         (s2[s] - 2.0 * cross + own * s0[s]);
    }
}

}  // namespace hsa
