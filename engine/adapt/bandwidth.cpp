#include "engine/adapt/bandwidth.h"

#include "engine/core/exponential.h"
#include "engine/core/parallel.h"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <limits>

namespace hsa {
namespace {

constexpr int kHalvings = 40;
constexpr double kLeastBeta = 1e-6;
constexpr double kMostBeta = 1e3;

using Row = Eigen::Map<const Eigen::ArrayXf>;

// Mean perplexity of P within one level as a function of beta. P(s|i) is proportional to
// exp(beta q_is + c_s) with c_s = ln sum_j exp(beta q_js); q = log_kernel at beta = 1.
class Perplexity {
  public:
    explicit Perplexity(const Matrix<float>& log_kernel)
        : q_(log_kernel),
          e_(log_kernel.rows(), log_kernel.cols()),
          most_(log_kernel.cols(), -std::numeric_limits<float>::infinity()) {
        for (std::size_t i = 0; i < q_.rows(); ++i)
            for (std::size_t s = 0; s < most_.size(); ++s) most_[s] = std::max(most_[s], q_(i, s));
    }

    double operator()(double beta) {
        const std::size_t k = q_.cols();
        const auto scale = static_cast<float>(beta);
        std::vector<float> shift(k);
        for (std::size_t s = 0; s < k; ++s) shift[s] = scale * most_[s];
        // One exponential an entry: e = exp(beta (q - its column's largest)).
        const std::vector<double> sums = parallel_sum(
            q_.rows(), k, [&](std::size_t begin, std::size_t end, std::span<double> out) {
                for (std::size_t i = begin; i < end; ++i) {
                    const std::span<const float> q = q_.row(i);
                    const std::span<float> e = e_.row(i);
                    for (std::size_t s = 0; s < k; ++s) e[s] = scale * q[s];
                    exp_shifted(e, shift);
                    for (std::size_t s = 0; s < k; ++s) out[s] += static_cast<double>(e[s]);
                }
            });
        // ln P = beta q + offset + what the row shares; e * factor is the same without the log.
        std::vector<float> offset(k);
        for (std::size_t s = 0; s < k; ++s)
            offset[s] = static_cast<float>(static_cast<double>(shift[s]) + std::log(sums[s]));
        std::vector<float> factor(k);
        float highest = -std::numeric_limits<float>::infinity();
        for (std::size_t s = 0; s < k; ++s) highest = std::max(highest, shift[s] + offset[s]);
        for (std::size_t s = 0; s < k; ++s) factor[s] = std::exp(shift[s] + offset[s] - highest);
        const auto size = static_cast<Eigen::Index>(k);
        const double total = parallel_sum(
            q_.rows(), 1, [&](std::size_t begin, std::size_t end, std::span<double> out) {
                Eigen::ArrayXf p(size);
                for (std::size_t i = begin; i < end; ++i) {
                    const Row q(q_.row(i).data(), size);
                    p = Row(e_.row(i).data(), size) * Row(factor.data(), size);
                    auto mass = static_cast<double>(p.sum());
                    auto log_scale = static_cast<double>(highest);
                    if (!(mass > kLeastMass)) {
                        // So far from every splat that e vanished: the same in the log domain.
                        p = scale * q + Row(offset.data(), size);
                        log_scale = static_cast<double>(p.maxCoeff());
                        p = (p - p.maxCoeff()).exp();
                        mass = static_cast<double>(p.sum());
                    }
                    const auto mean = static_cast<double>(
                        (p *
                         (scale * q + (Row(offset.data(), size) - static_cast<float>(log_scale))))
                            .sum());
                    out[0] += mass * std::exp(-mean / mass);
                }
            })[0];
        return total / static_cast<double>(q_.rows());
    }

  private:
    static constexpr double kLeastMass = 1e-20;

    const Matrix<float>& q_;
    Matrix<float> e_;
    std::vector<float> most_;
};

}  // namespace

Bandwidth fit_bandwidth(const Matrix<float>& log_kernel, double target, const Work& work) {
    Bandwidth found;
    if (log_kernel.cols() < 2 || log_kernel.rows() == 0) return found;
    Perplexity perplexity(log_kernel);
    double low = std::log(kLeastBeta);
    double high = std::log(kMostBeta);
    const auto beta = [](double log_beta) { return static_cast<float>(std::exp(log_beta)); };
    // beta is kept as float32: once both ends are the same number more halvings change nothing.
    for (int halving = 0; halving < kHalvings && beta(low) != beta(high); ++halving) {
        work.check();
        const double middle = 0.5 * (low + high);
        (perplexity(std::exp(middle)) > target ? low : high) = middle;
    }
    found.beta = std::exp(0.5 * (low + high));
    found.perplexity = perplexity(found.beta);
    return found;
}

}  // namespace hsa
