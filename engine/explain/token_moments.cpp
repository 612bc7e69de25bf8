#include "engine/explain/token_moments.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <Eigen/Dense>

#include <algorithm>

namespace hsa {
namespace {

constexpr std::size_t kMostProducts = std::size_t{1} << 33U;
constexpr std::size_t kLeastLookedAt = 2048;

Eigen::Index index(std::size_t i) { return static_cast<Eigen::Index>(i); }

}  // namespace

std::size_t most_looked_at(std::size_t dimension) {
    const std::size_t pairs = std::max<std::size_t>(dimension * dimension, 1);
    return std::clamp(kMostProducts / pairs, kLeastLookedAt, kMostLookedAt);
}

std::vector<std::uint32_t> drawn_evenly(std::span<const Range> ranges, std::size_t most) {
    std::size_t all = 0;
    for (const Range& range : ranges) all += range.size();
    const std::size_t drawn = std::min(all, most);
    std::vector<std::uint32_t> tokens;
    tokens.reserve(drawn);
    std::size_t before = 0;  // tokens of the ranges so far
    auto range = ranges.begin();
    for (std::size_t r = 0; r < drawn; ++r) {
        const std::size_t at = drawn == all ? r : (2 * r + 1) * all / (2 * drawn);
        while (at - before >= range->size()) {
            before += range->size();
            ++range;
        }
        tokens.push_back(static_cast<std::uint32_t>(range->begin + at - before));
    }
    return tokens;
}

TokenMoments moments_of(const Matrix<float>& rows, std::span<const std::uint32_t> chosen,
                        const Work& work) {
    if (chosen.empty()) fault("moments of no token");
    const std::size_t d = rows.cols();
    const auto count = static_cast<double>(chosen.size());
    TokenMoments moments;
    moments.count = chosen.size();
    moments.mean = parallel_sum(chosen.size(), d,
                                [&](std::size_t begin, std::size_t end, std::span<double> out) {
                                    work.check();
                                    for (std::size_t i = begin; i < end; ++i) {
                                        const std::span<const float> row = rows.row(chosen[i]);
                                        for (std::size_t a = 0; a < d; ++a)
                                            out[a] += static_cast<double>(row[a]);
                                    }
                                });
    for (double& m : moments.mean) m /= count;
    // The products of a chunk, and behind them the sum of |x - mean|^4.
    const std::vector<double> sums = parallel_sum(
        chosen.size(), d * d + 1, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            work.check();
            Eigen::MatrixXd x(index(d), index(end - begin));
            for (std::size_t i = begin; i < end; ++i) {
                const std::span<const float> row = rows.row(chosen[i]);
                for (std::size_t a = 0; a < d; ++a)
                    x(index(a), index(i - begin)) = static_cast<double>(row[a]) - moments.mean[a];
            }
            Eigen::Map<Eigen::MatrixXd> products(out.data(), index(d), index(d));
            products.selfadjointView<Eigen::Lower>().rankUpdate(x);
            out[d * d] += x.colwise().squaredNorm().array().square().sum();
        });
    moments.covariance = Matrix<double>(d, d);
    for (std::size_t a = 0; a < d; ++a)
        for (std::size_t b = 0; b <= a; ++b)  // the lower triangle by columns
            moments.covariance(a, b) = moments.covariance(b, a) = sums[b * d + a] / count;
    moments.fourth = sums[d * d] / count;
    return moments;
}

}  // namespace hsa
