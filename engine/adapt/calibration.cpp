#include "engine/adapt/bandwidth.h"
#include "engine/adapt/initialise.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/exponential.h"
#include "engine/core/parallel.h"
#include "engine/core/stratified.h"
#include "engine/model/key_mask.h"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kCalibrationRows = 20000;
constexpr std::size_t kOffsetRows = 4096;
constexpr int kRounds = 60;
constexpr int kOffsetRounds = 200;
constexpr double kStep = 0.7;
constexpr double kOffsetClose = 1e-6;
constexpr double kBackgroundShare = 1e-3;
constexpr double kBackgroundReach = 50.0;  // beyond the rows' normalisers: shares of 1e-21 and less
constexpr int kBackgroundHalvings = 60;
constexpr double kNothing = -std::numeric_limits<double>::infinity();

// Logits of P without weights, ell + c: [rows, k].
Matrix<float> logits_without_weights(JointKernel joint) {
    std::vector<float> mass(joint.log_mass.begin(), joint.log_mass.end());
    parallel_blocks(joint.log_kernel.rows(), kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const std::span<float> row = joint.log_kernel.row(i);
            for (std::size_t s = 0; s < row.size(); ++s) row[s] += mass[s];
        }
    });
    return std::move(joint.log_kernel);
}

// Mean of P over rows for changing weights. Exponentials are taken once, at weights not far from
// those asked for; a change of weights multiplies their columns.
class Usage {
  public:
    explicit Usage(Matrix<float> logits) : z_(std::move(logits)), e_(z_.rows(), z_.cols()) {}

    // u_s: [k], sums to 1. Weights of -infinity give 0; at least one is finite.
    std::vector<double> operator()(std::span<const double> log_weight) {
        if (far(log_weight)) take_exponentials(log_weight);
        const std::size_t k = z_.cols();
        std::vector<float> factor(k, 0.0F);
        for (std::size_t s = 0; s < k; ++s)
            if (log_weight[s] > kNothing)
                factor[s] = static_cast<float>(std::exp(log_weight[s] - at_[s]));
        const auto size = static_cast<Eigen::Index>(k);
        using Row = Eigen::Map<const Eigen::ArrayXf>;
        std::vector<double> usage = parallel_sum(
            z_.rows(), k, [&](std::size_t begin, std::size_t end, std::span<double> out) {
                Eigen::ArrayXf p(size);
                for (std::size_t i = begin; i < end; ++i) {
                    p = Row(e_.row(i).data(), size) * Row(factor.data(), size);
                    p *= 1.0F / p.sum();
                    for (std::size_t s = 0; s < k; ++s)
                        out[s] += static_cast<double>(p[static_cast<Eigen::Index>(s)]);
                }
            });
        for (double& u : usage) u /= static_cast<double>(z_.rows());
        return usage;
    }

    [[nodiscard]] const Matrix<float>& logits() const { return z_; }

  private:
    // exp leaves float32 at -87: weights may move this far before a lost entry would matter.
    static constexpr double kFar = 20.0;

    [[nodiscard]] bool far(std::span<const double> log_weight) const {
        if (at_.empty()) return true;
        for (std::size_t s = 0; s < at_.size(); ++s)
            if (log_weight[s] > kNothing && !(std::abs(log_weight[s] - at_[s]) < kFar)) return true;
        return false;
    }

    void take_exponentials(std::span<const double> log_weight) {
        at_.assign(log_weight.begin(), log_weight.end());
        parallel_blocks(z_.rows(), kChunkRows, [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i) {
                const std::span<const float> z = z_.row(i);
                const std::span<float> e = e_.row(i);
                for (std::size_t s = 0; s < e.size(); ++s) e[s] = z[s] + static_cast<float>(at_[s]);
                (void)softmax(e);
            }
        });
    }

    Matrix<float> z_;
    Matrix<float> e_;  // softmax of z + at, row by row
    std::vector<double> at_;
};

// ln w + ln n of the background such that its mean P is 1e-3.
struct Background {
    double logit = 0.0;
    double share = 0.0;
};
Background solve_background(const Matrix<float>& z, std::span<const double> log_weight) {
    std::vector<double> normaliser(z.rows());
    parallel_blocks(z.rows(), kChunkRows, [&](std::size_t begin, std::size_t end) {
        std::vector<float> row(z.cols());
        for (std::size_t i = begin; i < end; ++i) {
            for (std::size_t s = 0; s < z.cols(); ++s)
                row[s] = z(i, s) + static_cast<float>(log_weight[s]);
            normaliser[i] = softmax(row);
        }
    });
    const auto share_at = [&](double logit) {
        double share = 0.0;
        for (const double each : normaliser)
            share += 1.0 / (1.0 + std::exp(std::clamp(each - logit, -700.0, 700.0)));
        return share / static_cast<double>(normaliser.size());
    };
    const auto [least, most] = std::minmax_element(normaliser.begin(), normaliser.end());
    double low = *least - kBackgroundReach;
    double high = *most + kBackgroundReach;
    for (int halving = 0; halving < kBackgroundHalvings; ++halving) {
        const double middle = 0.5 * (low + high);
        (share_at(middle) > kBackgroundShare ? high : low) = middle;
    }
    return {0.5 * (low + high), share_at(0.5 * (low + high))};
}

double largest_deviation(std::span<const double> usage, std::span<const double> wanted) {
    double largest = 0.0;
    for (std::size_t s = 0; s < wanted.size(); ++s)
        if (wanted[s] > 0.0) largest = std::max(largest, std::abs(usage[s] / wanted[s] - 1.0));
    return largest;
}

// Target shares q_s = W_level sqrt(members) / sum over the level; 0 at levels of weight 0.
std::vector<double> wanted_usage(const SplatRegistry& registry, std::span<const double> members) {
    std::vector<double> level_sum(registry.hierarchy.size(), 0.0);
    for (std::size_t s = 0; s < registry.size(); ++s)
        level_sum[registry.level[s]] += std::sqrt(std::max(members[s], 1.0));
    std::vector<double> wanted(registry.size());
    for (std::size_t s = 0; s < registry.size(); ++s)
        wanted[s] = registry.hierarchy.share(registry.level[s]) *
                    std::sqrt(std::max(members[s], 1.0)) / level_sum[registry.level[s]];
    return wanted;
}

}  // namespace

Calibration calibrate(Backend& backend, const Coordinates& coordinates,
                      std::span<const double> members, SplatRegistry& registry, const Work& work) {
    const Coordinates visible = visible_coordinates(coordinates);
    const std::size_t n = visible.size();
    const std::vector<std::uint32_t> rows = stratified_rows(n, kCalibrationRows);
    Usage usage_of(
        logits_without_weights(joint_kernel(backend, registry, visible, rows, 1.0, work)));
    const std::vector<double> wanted = wanted_usage(registry, members);
    std::vector<double> log_weight(registry.size(), 0.0);
    for (std::size_t s = 0; s < log_weight.size(); ++s)
        if (wanted[s] <= 0.0) log_weight[s] = kNothing;
    std::vector<double> best = log_weight;
    Calibration result;
    result.largest_deviation = std::numeric_limits<double>::infinity();
    for (int round = 0; round <= kRounds; ++round) {
        work.check();
        work.report("calibrating usage", static_cast<double>(round) / kRounds);
        const std::vector<double> usage = usage_of(log_weight);
        const double deviation = largest_deviation(usage, wanted);
        if (deviation < result.largest_deviation) {
            result.largest_deviation = deviation;
            result.rounds = round;
            best = log_weight;
        }
        if (result.met()) break;
        for (std::size_t s = 0; s < log_weight.size(); ++s)
            if (wanted[s] > 0.0)
                log_weight[s] +=
                    std::clamp(kStep * std::log(wanted[s] / std::max(usage[s], 1e-300)),
                               -std::log(10.0), std::log(10.0));
    }
    for (std::size_t s = 0; s < registry.size(); ++s) {
        const double share = registry.hierarchy.share(registry.level[s]);
        if (share > 0.0) registry.log_amplitude[s] = static_cast<float>(best[s] - std::log(share));
    }
    if (registry.background_log_weight) {
        const Background background = solve_background(usage_of.logits(), best);
        registry.background_log_weight = background.logit - std::log(static_cast<double>(n));
        result.background_share = background.share;
    }
    return result;
}

std::vector<double> solve_level_offsets(Backend& backend, const Coordinates& coordinates,
                                        SplatRegistry& registry, const Work& work) {
    const Coordinates visible = visible_coordinates(coordinates);
    const std::size_t levels = registry.hierarchy.size();
    const std::size_t n = visible.size();
    const std::vector<std::uint32_t> rows = stratified_rows(n, kOffsetRows);
    const JointKernel joint = joint_kernel(backend, registry, visible, rows, 1.0, work);
    const std::vector<double> log_weight = registry.log_weights();
    const std::size_t m = rows.size();

    // Only the levels' totals move: LSE of each level once, then a small fixed point.
    Matrix<double> level_logit(m, levels + 1, kNothing);
    parallel_blocks(m, kChunkRows, [&](std::size_t begin, std::size_t end) {
        std::vector<std::vector<float>> logits(levels);
        for (std::size_t i = begin; i < end; ++i) {
            for (auto& l : logits) l.clear();
            for (std::size_t s = 0; s < registry.size(); ++s)
                logits[registry.level[s]].push_back(
                    joint.log_kernel(i, s) + static_cast<float>(joint.log_mass[s] + log_weight[s]));
            for (std::size_t l = 0; l < levels; ++l) level_logit(i, l) = log_sum_exp(logits[l]);
            if (registry.background_log_weight)
                level_logit(i, levels) =
                    *registry.background_log_weight + std::log(static_cast<double>(n));
        }
    });
    std::vector<double> offset(levels, 0.0);
    for (int round = 0; round < kOffsetRounds; ++round) {
        std::vector<double> share(levels + 1, 0.0);
        for (std::size_t i = 0; i < m; ++i) {
            double most = level_logit(i, levels);
            for (std::size_t l = 0; l < levels; ++l)
                most = std::max(most, level_logit(i, l) + offset[l]);
            double sum = std::exp(level_logit(i, levels) - most);
            for (std::size_t l = 0; l < levels; ++l)
                sum += std::exp(level_logit(i, l) + offset[l] - most);
            for (std::size_t l = 0; l < levels; ++l)
                share[l] +=
                    std::exp(level_logit(i, l) + offset[l] - most) / sum / static_cast<double>(m);
            share[levels] += std::exp(level_logit(i, levels) - most) / sum / static_cast<double>(m);
        }
        double worst = 0.0;
        for (std::size_t l = 0; l < levels; ++l) {
            const double wanted = registry.hierarchy.share(l) * (1.0 - share[levels]);
            if (wanted <= 0.0 || share[l] <= 0.0) continue;
            worst = std::max(worst, std::abs(share[l] / wanted - 1.0));
            offset[l] += std::log(wanted / share[l]);
        }
        if (worst < kOffsetClose) break;
    }
    for (std::size_t s = 0; s < registry.size(); ++s)
        registry.log_amplitude[s] = static_cast<float>(
            static_cast<double>(registry.log_amplitude[s]) + offset[registry.level[s]]);
    return offset;
}

}  // namespace hsa
