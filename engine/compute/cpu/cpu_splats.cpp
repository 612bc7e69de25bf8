#include "engine/compute/cpu/cpu_splats.h"

#include "engine/compute/cpu/tile_lanes.h"
#include "engine/compute/formulas.h"

#include <algorithm>
#include <cmath>

namespace hsa {
namespace {

constexpr int kLargestExponent = 126;  // powers of two that float32 holds with full precision

// The power of two that brings `rms` into [1, 2).
float power_of_two_for(double rms) {
    if (!(rms > 0.0) || !std::isfinite(rms)) return 1.0F;
    const int exponent = -static_cast<int>(std::floor(std::log2(rms)));
    return static_cast<float>(
        std::ldexp(1.0, std::clamp(exponent, -kLargestExponent, kLargestExponent)));
}

std::vector<double> mean_centre(const SplatColumns& splats) {
    std::vector<double> mean(splats.centre.cols, 0.0);
    for (std::size_t s = 0; s < splats.centre.rows; ++s)
        for (std::size_t a = 0; a < mean.size(); ++a)
            mean[a] += static_cast<double>(splats.centre(s, a));
    for (double& m : mean) m /= static_cast<double>(std::max<std::size_t>(splats.centre.rows, 1));
    return mean;
}

// The rms coordinate of a token of these splats, relative to the mean of their centres.
double typical_coordinate(const SplatColumns& splats, const std::vector<double>& mean) {
    double sum = 0.0;
    for (std::size_t s = 0; s < splats.centre.rows; ++s)
        for (std::size_t a = 0; a < mean.size(); ++a) {
            const double delta = static_cast<double>(splats.centre(s, a)) - mean[a];
            sum += delta * delta + static_cast<double>(splats.variance(s, a));
        }
    const auto count = static_cast<double>(splats.centre.rows * mean.size());
    return std::sqrt(sum / std::max(count, 1.0));
}

}  // namespace

CpuSplats::CpuSplats(const SplatColumns& splats) : spherical_(splats.spherical) {
    const std::size_t k = splats.centre.rows;
    const std::size_t d = splats.centre.cols;
    const std::size_t padded = (k + kTileLanes - 1) / kTileLanes * kTileLanes;
    const std::vector<double> mean = mean_centre(splats);
    for (const double m : mean) origin_.push_back(static_cast<float>(m));
    scale_ = power_of_two_for(typical_coordinate(splats, mean));
    linear_ = Matrix<float>(d, k);
    if (!spherical_) quadratic_ = Matrix<float>(d, k);
    half_precision_.assign(spherical_ ? padded : 0, 0.0F);
    offset_.assign(padded, 0.0F);
    centre_ = Matrix<float>(k, d);
    rate_ = Matrix<double>(k, spherical_ ? std::min<std::size_t>(d, 1) : d);
    const auto scale = static_cast<double>(scale_);
    for (std::size_t s = 0; s < k; ++s) {
        double offset = 0.0;
        for (std::size_t a = 0; a < d; ++a) {
            const double rate = static_cast<double>(splats.beta[s]) / splats.temperature /
                                static_cast<double>(splats.variance(s, a));
            const double precision = rate / scale / scale;
            const double centre =
                (static_cast<double>(splats.centre(s, a)) - static_cast<double>(origin_[a])) *
                scale;
            offset -= 0.5 * precision * centre * centre;
            linear_(a, s) = static_cast<float>(precision * centre);
            centre_(s, a) = splats.centre(s, a);
            if (spherical_) {
                half_precision_[s] = static_cast<float>(0.5 * precision);
                rate_(s, 0) = rate;
            } else {
                quadratic_(a, s) = static_cast<float>(0.5 * precision);
                rate_(s, a) = rate;
            }
        }
        offset_[s] = static_cast<float>(offset);
    }
}

float CpuSplats::log_kernel(const float* x, std::size_t splat) const {
    return log_kernel_by_differences(x, centre_.row(splat).data(), rate_.row(splat).data(),
                                     spherical_ ? 0 : 1, dimension());
}

}  // namespace hsa
