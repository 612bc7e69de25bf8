#include "engine/adapt/initialise.h"

#include "engine/adapt/bandwidth.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/exponential.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hsa {
namespace {

constexpr std::size_t kCalibrationRows = 20000;
constexpr std::size_t kOffsetRows = 4096;
constexpr int kRounds = 60;
constexpr int kOffsetRounds = 200;
constexpr double kStep = 0.7;
constexpr double kClose = 0.05;           // largest |u / q - 1|
constexpr double kOffsetClose = 1e-6;
constexpr double kBackgroundShare = 1e-3;
constexpr double kNothing = -std::numeric_limits<double>::infinity();

// Logits of P without weights, ell + c, with one more column for the background: [rows, k + 1].
Matrix<float> logits_without_weights(const JointKernel& joint) {
    const std::size_t k = joint.log_mass.size();
    Matrix<float> z(joint.log_kernel.rows(), k);
    parallel_blocks(z.rows(), kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i)
            for (std::size_t s = 0; s < k; ++s)
                z(i, s) = joint.log_kernel(i, s) + static_cast<float>(joint.log_mass[s]);
    });
    return z;
}

// Mean of P over rows for these weights: [k] or, with a background, [k + 1].
std::vector<double> mean_usage(const Matrix<float>& z, std::span<const double> log_weight,
                               double background_logit) {
    const std::size_t k = z.cols();
    const bool background = background_logit > kNothing;
    const std::size_t columns = background ? k + 1 : k;
    std::vector<double> usage = parallel_sum(
        z.rows(), columns, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            std::vector<float> row(columns);
            for (std::size_t i = begin; i < end; ++i) {
                for (std::size_t s = 0; s < k; ++s) row[s] = z(i, s) + static_cast<float>(log_weight[s]);
                if (background) row[k] = static_cast<float>(background_logit);
                (void)softmax(row);
                for (std::size_t s = 0; s < columns; ++s) out[s] += static_cast<double>(row[s]);
            }
        });
    for (double& u : usage) u /= static_cast<double>(z.rows());
    return usage;
}

// ln w + ln n of the background such that its mean P is 1e-3.
double solve_background(const Matrix<float>& z, std::span<const double> log_weight) {
    std::vector<double> normaliser(z.rows());
    parallel_blocks(z.rows(), kChunkRows, [&](std::size_t begin, std::size_t end) {
        std::vector<float> row(z.cols());
        for (std::size_t i = begin; i < end; ++i) {
            for (std::size_t s = 0; s < z.cols(); ++s) row[s] = z(i, s) + static_cast<float>(log_weight[s]);
            normaliser[i] = softmax(row);
        }
    });
    const auto [least, most] = std::minmax_element(normaliser.begin(), normaliser.end());
    double low = *least - 50.0;
    double high = *most + 50.0;
    for (int halving = 0; halving < 100; ++halving) {
        const double middle = 0.5 * (low + high);
        double share = 0.0;
        for (const double each : normaliser) share += 1.0 / (1.0 + std::exp(std::clamp(each - middle, -700.0, 700.0)));
        (share / static_cast<double>(z.rows()) > kBackgroundShare ? high : low) = middle;
    }
    return 0.5 * (low + high);
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
        wanted[s] = registry.hierarchy.share(registry.level[s]) * std::sqrt(std::max(members[s], 1.0)) /
                    level_sum[registry.level[s]];
    return wanted;
}

}  // namespace

Calibration calibrate(Backend& backend, const Coordinates& coordinates,
                      std::span<const double> members, SplatRegistry& registry, const Work& work) {
    const std::size_t n = coordinates.size();
    const std::vector<std::uint32_t> rows = stratified_rows(n, kCalibrationRows);
    const Matrix<float> z = logits_without_weights(joint_kernel(backend, registry, coordinates, rows, 1.0, work));
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
        const std::vector<double> usage = mean_usage(z, log_weight, kNothing);
        const double deviation = largest_deviation(usage, wanted);
        if (deviation < result.largest_deviation) {
            result.largest_deviation = deviation;
            result.rounds = round;
            best = log_weight;
        }
        if (deviation < kClose) break;
        for (std::size_t s = 0; s < log_weight.size(); ++s)
            if (wanted[s] > 0.0)
                log_weight[s] += std::clamp(kStep * std::log(wanted[s] / std::max(usage[s], 1e-300)),
                                            -std::log(10.0), std::log(10.0));
    }
    for (std::size_t s = 0; s < registry.size(); ++s) {
        const double share = registry.hierarchy.share(registry.level[s]);
        if (share > 0.0) registry.log_amplitude[s] = static_cast<float>(best[s] - std::log(share));
    }
    if (registry.background_log_weight) {
        registry.background_log_weight = solve_background(z, best) - std::log(static_cast<double>(n));
        result.background_share = mean_usage(z, best, *registry.background_log_weight +
                                                          std::log(static_cast<double>(n))).back();
    }
    return result;
}

std::vector<double> solve_level_offsets(Backend& backend, const Coordinates& coordinates,
                                        SplatRegistry& registry, const Work& work) {
    const std::size_t levels = registry.hierarchy.size();
    const std::size_t n = coordinates.size();
    const std::vector<std::uint32_t> rows = stratified_rows(n, kOffsetRows);
    const JointKernel joint = joint_kernel(backend, registry, coordinates, rows, 1.0, work);
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
                level_logit(i, levels) = *registry.background_log_weight + std::log(static_cast<double>(n));
        }
    });
    std::vector<double> offset(levels, 0.0);
    for (int round = 0; round < kOffsetRounds; ++round) {
        std::vector<double> share(levels + 1, 0.0);
        for (std::size_t i = 0; i < m; ++i) {
            double most = level_logit(i, levels);
            for (std::size_t l = 0; l < levels; ++l) most = std::max(most, level_logit(i, l) + offset[l]);
            double sum = std::exp(level_logit(i, levels) - most);
            for (std::size_t l = 0; l < levels; ++l) sum += std::exp(level_logit(i, l) + offset[l] - most);
            for (std::size_t l = 0; l < levels; ++l)
                share[l] += std::exp(level_logit(i, l) + offset[l] - most) / sum / static_cast<double>(m);
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
        registry.log_amplitude[s] = static_cast<float>(static_cast<double>(registry.log_amplitude[s]) +
                                                       offset[registry.level[s]]);
    return offset;
}

std::vector<float> assign_parents(Backend& backend, const Coordinates& coordinates,
                                  SplatRegistry& registry, const Work& work) {
    const std::size_t n = coordinates.size();
    std::vector<float> shares(registry.size(), std::numeric_limits<float>::quiet_NaN());
    const std::vector<double> log_weight = registry.log_weights();
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l) {
        const LevelKernel child = bind_level(backend, registry, l, 1.0);
        if (l + 1 == registry.hierarchy.size()) {
            for (const std::size_t row : child.rows) registry.parent[row] = kNoSplat;
            break;
        }
        const LevelKernel parent = bind_level(backend, registry, l + 1, 1.0);
        const MatrixView<const float> child_rows = coordinates.levels[l]->view();
        const MatrixView<const float> parent_rows = coordinates.levels[l + 1]->view();
        const std::vector<double> child_mass = backend.log_mass(*child.bound, child_rows, {}, work);
        const std::vector<double> parent_mass = backend.log_mass(*parent.bound, parent_rows, {}, work);
        const std::size_t kc = child.rows.size();
        const std::size_t kp = parent.rows.size();
        std::vector<float> shift(kc);
        for (std::size_t s = 0; s < kc; ++s) shift[s] = static_cast<float>(child_mass[s]);
        // share[s, t] = sum_j K(j|s) P_{l+1}(t|j), P within the parent level.
        std::vector<double> overlap(kc * kp, 0.0);
        Matrix<float> k(std::min(n, kChunkRows), kc);
        Matrix<float> p(std::min(n, kChunkRows), kp);
        Matrix<float> part(kc, kp);
        for (std::size_t begin = 0; begin < n; begin += kChunkRows) {
            work.check();
            const std::size_t end = std::min(n, begin + kChunkRows);
            const MatrixView<float> kb = k.view().block(0, end - begin);
            const MatrixView<float> pb = p.view().block(0, end - begin);
            backend.log_kernel(*child.bound, child_rows.block(begin, end), kb);
            backend.log_kernel(*parent.bound, parent_rows.block(begin, end), pb);
            for (std::size_t i = 0; i < kb.rows; ++i) {
                exp_shifted(kb.row(i), shift);
                for (std::size_t t = 0; t < kp; ++t)
                    pb(i, t) += static_cast<float>(parent_mass[t] + log_weight[parent.rows[t]]);
                (void)softmax(pb.row(i));
            }
            transposed_multiply(kb, pb, part.view());
            for (std::size_t e = 0; e < overlap.size(); ++e) overlap[e] += static_cast<double>(part.data()[e]);
        }
        for (std::size_t s = 0; s < kc; ++s) {
            const auto first = overlap.begin() + static_cast<std::ptrdiff_t>(s * kp);
            const auto best = std::max_element(first, first + static_cast<std::ptrdiff_t>(kp));
            registry.parent[child.rows[s]] = registry.id[parent.rows[static_cast<std::size_t>(best - first)]];
            shares[child.rows[s]] = static_cast<float>(*best);
        }
    }
    return shares;
}

}  // namespace hsa
