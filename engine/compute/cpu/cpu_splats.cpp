#include "engine/compute/cpu/cpu_splats.h"

#include "engine/compute/formulas.h"

#include <algorithm>
#include <cmath>
#include <utility>

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
    const std::vector<double> mean = mean_centre(splats);
    for (const double m : mean) origin_.push_back(static_cast<float>(m));
    scale_ = power_of_two_for(typical_coordinate(splats, mean));
    centre_ = Matrix<float>(k, d);
    rate_ = Matrix<double>(k, spherical_ ? std::min<std::size_t>(d, 1) : d);
    for (std::size_t s = 0; s < k; ++s) {
        std::copy_n(splats.centre.row(s).begin(), d, centre_.row(s).begin());
        for (std::size_t a = 0; a < rate_.cols(); ++a)
            rate_(s, a) = static_cast<double>(splats.beta[s]) / splats.temperature /
                          static_cast<double>(splats.variance(s, a));
    }
    for (std::size_t first = 0; first < k; first += kGroupSplats) {
        SplatGroup group;
        group.first = first;
        group.count = std::min(kGroupSplats, k - first);
        if (spherical_) pack_expanded(group);
        else pack_squares(group);
        groups_.push_back(std::move(group));
    }
}

// The centre of a splat as the products see it.
double CpuSplats::centre(std::size_t splat, std::size_t axis) const {
    return (static_cast<double>(centre_(splat, axis)) - static_cast<double>(origin_[axis])) *
           static_cast<double>(scale_);
}

void CpuSplats::pack_expanded(SplatGroup& group) const {
    const std::size_t d = dimension();
    group.form = GroupForm::expanded;
    group.weights.assign(d * kGroupSplats, 0.0F);
    for (std::size_t r = 0; r < group.count; ++r) {
        const std::size_t s = group.first + r;
        const auto scale = static_cast<double>(scale_);
        const double precision = d == 0 ? 0.0 : rate_(s, 0) / scale / scale;
        double offset = 0.0;
        for (std::size_t a = 0; a < d; ++a) {
            const double mu = centre(s, a);
            offset -= 0.5 * precision * mu * mu;
            group.weights[a * kGroupSplats + r] = static_cast<float>(precision * mu);
        }
        group.half_precision[r] = static_cast<float>(0.5 * precision);
        group.offset[r] = static_cast<float>(offset);
    }
}

// The centre is multiplied by the rate as float32 holds it, so that its rounding is no shift.
void CpuSplats::pack_squares(SplatGroup& group) const {
    const std::size_t d = dimension();
    group.form = GroupForm::squares;
    group.weights.assign(2 * d * kGroupSplats, 0.0F);
    for (std::size_t r = 0; r < group.count; ++r) {
        const std::size_t s = group.first + r;
        double reach = 0.0;
        for (std::size_t a = 0; a < d; ++a) {
            const auto root =
                static_cast<float>(std::sqrt(0.5 * rate_(s, a)) / static_cast<double>(scale_));
            const double away = static_cast<double>(root) * centre(s, a);
            float* to = &group.weights[2 * (a * kGroupSplats + r)];
            to[0] = root;
            to[1] = static_cast<float>(away);
            reach += away * away;
        }
        const TrustedSquares trusted = trusted_squares(1.0, std::sqrt(reach));
        group.mild[r] = trusted.mild;
        group.safe[r] = trusted.safe;
    }
}

float CpuSplats::log_kernel(const float* x, std::size_t splat) const {
    return log_kernel_by_differences(x, centre_.row(splat).data(), rate_.row(splat).data(),
                                     spherical_ ? 0 : 1, dimension());
}

}  // namespace hsa
