#include "engine/compute/cpu/cpu_splats.h"

#include "engine/compute/formulas.h"

#include <algorithm>
#include <array>
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
    for (std::size_t s = 0; s < splats.centre.rows; ++s)
        if (splats.kind[s] == CovarianceKind::lowrank)
            for (const float f : splats.shape[s])
                sum += static_cast<double>(f) * static_cast<double>(f);
    const auto count = static_cast<double>(splats.centre.rows * mean.size());
    return std::sqrt(sum / std::max(count, 1.0));
}

void trust(double gain, double reach, std::size_t splat, SplatGroup& group) {
    const TrustedSquares trusted = trusted_squares(gain, reach);
    group.mild[splat] = trusted.mild;
    group.safe[splat] = trusted.safe;
}

}  // namespace

CpuSplats::CpuSplats(const SplatColumns& splats,
                     std::vector<std::shared_ptr<const Whitening>> whitening)
    : whitening_(std::move(whitening)) {
    const std::size_t k = splats.centre.rows;
    const std::size_t d = splats.centre.cols;
    const std::vector<double> mean = mean_centre(splats);
    for (const double m : mean) origin_.push_back(static_cast<float>(m));
    scale_ = power_of_two_for(typical_coordinate(splats, mean));
    centre_ = Matrix<float>(k, d);
    for (std::size_t s = 0; s < k; ++s) {
        std::copy_n(splats.centre.row(s).begin(), d, centre_.row(s).begin());
        half_beta_.push_back(0.5 * static_cast<double>(splats.beta[s]) / splats.temperature);
    }
    for (std::size_t first = 0; first < k; first += groups_.back().count) {
        SplatGroup group;
        group.first = first;
        group.count = 1;
        const CovarianceKind kind = splats.kind[first];
        const bool alone = kind == CovarianceKind::lowrank || kind == CovarianceKind::full;
        while (!alone && group.count < kGroupSplats && first + group.count < k &&
               splats.kind[first + group.count] == kind)
            ++group.count;
        switch (kind) {
            case CovarianceKind::spherical: pack_expanded(group); break;
            case CovarianceKind::diagonal: pack_squares(group); break;
            case CovarianceKind::lowrank: pack_lowrank(group); break;
            case CovarianceKind::full: pack_full(group); break;
        }
        groups_.push_back(std::move(group));
    }
}

// The centre of a splat as the products see it.
double CpuSplats::centre(std::size_t splat, std::size_t axis) const {
    return (static_cast<double>(centre_(splat, axis)) - static_cast<double>(origin_[axis])) *
           static_cast<double>(scale_);
}

// sqrt(beta / (2 temperature variance)) in the scale of the products.
float CpuSplats::root(std::size_t splat, std::size_t axis) const {
    return static_cast<float>(std::sqrt(half_beta_[splat]) * whitening_[splat]->rate()[axis] /
                              static_cast<double>(scale_));
}

void CpuSplats::pack_expanded(SplatGroup& group) const {
    const std::size_t d = dimension();
    group.form = GroupForm::expanded;
    group.weights.assign(d * kGroupSplats, 0.0F);
    for (std::size_t r = 0; r < group.count; ++r) {
        const std::size_t s = group.first + r;
        const auto scale = static_cast<double>(scale_);
        const double rate = d == 0 ? 0.0 : whitening_[s]->rate()[0];
        const double half = half_beta_[s] * rate * rate / scale / scale;
        double offset = 0.0;
        for (std::size_t a = 0; a < d; ++a) {
            const double mu = centre(s, a);
            offset -= half * mu * mu;
            group.weights[a * kGroupSplats + r] = static_cast<float>(2.0 * half * mu);
        }
        group.half_precision[r] = static_cast<float>(half);
        group.offset[r] = static_cast<float>(offset);
    }
}

// Centres are multiplied by the rates as float32 holds them, here and below, so that their rounding
// is no shift.
void CpuSplats::pack_squares(SplatGroup& group) const {
    const std::size_t d = dimension();
    group.form = GroupForm::squares;
    group.weights.assign(2 * d * kGroupSplats, 0.0F);
    for (std::size_t r = 0; r < group.count; ++r) {
        const std::size_t s = group.first + r;
        double reach = 0.0;
        for (std::size_t a = 0; a < d; ++a) {
            const float rate = root(s, a);
            const double away = static_cast<double>(rate) * centre(s, a);
            float* to = &group.weights[2 * (a * kGroupSplats + r)];
            to[0] = rate;
            to[1] = static_cast<float>(away);
            reach += away * away;
        }
        trust(1.0, std::sqrt(reach), r, group);
    }
}

void CpuSplats::pack_lowrank(SplatGroup& group) const {
    const std::size_t d = dimension();
    const std::size_t s = group.first;
    const Whitening& whitening = *whitening_[s];
    const std::size_t rank = whitening.shrink().size();
    const std::size_t fours = (rank + 3) / 4;
    group.form = GroupForm::lowrank;
    group.rank = rank;
    group.weights.assign(4 * fours * d, 0.0F);
    std::vector<float> start;
    for (std::size_t r = 0; r < rank; ++r) {
        double sum = 0.0;
        for (std::size_t a = 0; a < d; ++a) {
            float& ahead = group.weights[(r / 4 * d + a) * 4 + r % 4];
            ahead = static_cast<float>(whitening.axes()(r, a) * static_cast<double>(root(s, a)));
            sum += static_cast<double>(ahead) * centre(s, a);
        }
        start.push_back(static_cast<float>(sum));
    }
    group.weights.insert(group.weights.end(), start.begin(), start.end());
    double reach = 0.0;
    for (std::size_t a = 0; a < d; ++a) {
        const float rate = root(s, a);
        const double away = static_cast<double>(rate) * centre(s, a);
        group.weights.push_back(rate);
        group.weights.push_back(static_cast<float>(away));
        for (std::size_t r = 0; r < rank; ++r)
            group.weights.push_back(
                static_cast<float>(whitening.shrink()[r] * whitening.axes()(r, a)));
        reach += away * away;
    }
    trust(whitening.gain(), std::sqrt(reach), 0, group);
}

void CpuSplats::pack_full(SplatGroup& group) const {
    const std::size_t d = dimension();
    const std::size_t s = group.first;
    const Whitening& whitening = *whitening_[s];
    const double by = std::sqrt(half_beta_[s]) / static_cast<double>(scale_);
    group.form = GroupForm::full;
    double size = 0.0;  // |W|^2, of all entries
    double away = 0.0;  // |centre|^2
    for (std::size_t a = 0; a < d; ++a) away += centre(s, a) * centre(s, a);
    for (std::size_t b = 0; b < d; b += 4) {
        std::array<double, 4> start{};
        for (std::size_t a = 0; a < std::min(b + 4, d); ++a)
            for (std::size_t r = 0; r < 4; ++r) {
                const bool inside = b + r < d && a <= b + r;
                const auto w = inside ? static_cast<float>(by * whitening.root()(b + r, a)) : 0.0F;
                group.weights.push_back(w);
                start[r] += static_cast<double>(w) * centre(s, a);
                size += static_cast<double>(w) * static_cast<double>(w);
            }
        for (const double value : start) group.weights.push_back(static_cast<float>(value));
    }
    trust(whitening.gain(), std::sqrt(size * away), 0, group);
}

float CpuSplats::log_kernel(const float* x, std::size_t splat) const {
    std::vector<double> delta(dimension());
    for (std::size_t a = 0; a < delta.size(); ++a)
        delta[a] = static_cast<double>(x[a]) - static_cast<double>(centre_(splat, a));
    return held_log_kernel(-half_beta_[splat] * whitening_[splat]->squared(delta));
}

}  // namespace hsa
