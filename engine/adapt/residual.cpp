#include "engine/adapt/residual.h"

#include "engine/core/median.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace hsa {
namespace {

constexpr std::size_t kResidualRows = 256;
constexpr std::size_t kDraws = 16;
constexpr std::array<double, 5> kShares = {0.25, 0.5, 1.0, 2.0, 4.0};  // of an even share
constexpr double kLargestShare = 0.5;

void normalise(std::vector<double>& weights) {
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    if (sum > 0.0)
        for (double& w : weights) w /= sum;
}

}  // namespace

std::size_t owner_of(const LevelPool& level, std::size_t place) {
    const std::span<const float> row = level.queries.p.row(place);
    return static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

std::optional<std::size_t> draw_residual_row(std::uint64_t seed, const LevelPool& level,
                                             const Eligibility& eligible) {
    std::vector<double> up_to(level.row_kl.size());
    const double usual = std::max(0.0, median(level.row_kl));
    double total = 0.0;
    for (std::size_t i = 0; i < up_to.size(); ++i)
        up_to[i] = total += std::max(0.0, level.row_kl[i] - usual);
    if (!(total > 0.0)) return std::nullopt;
    Random random{seed, static_cast<std::uint64_t>(eligible.cycle), level.splats.level,
                  static_cast<std::uint64_t>(Purpose::birth), 0};
    for (std::size_t draw = 0; draw < kDraws; ++draw) {
        const auto found = std::upper_bound(up_to.begin(), up_to.end(), random.uniform() * total);
        const std::size_t place =
            std::min(static_cast<std::size_t>(found - up_to.begin()), up_to.size() - 1);
        const SplatId owner = level.splats.id[owner_of(level, place)];
        if (eligible.busy.count(owner) == 0 &&
            !eligible.resting(proposal_key(EventKind::birth, {owner})))
            return place;
    }
    return std::nullopt;
}

std::vector<std::size_t> residual_places(std::size_t rows, std::size_t place) {
    std::vector<std::size_t> places;
    const std::size_t step = (rows + kResidualRows - 1) / kResidualRows;
    for (std::size_t p = place % step; p < rows; p += step) places.push_back(p);
    return places;
}

Residual power_steps(const Matrix<float>& missing, std::size_t start) {
    const std::size_t rows = missing.rows();
    const std::size_t m = missing.cols();
    Residual found{std::vector<double>(rows, 0.0), std::vector<double>(m, 0.0)};
    found.rows[start] = 1.0;
    constexpr int kPowerSteps = 2;
    for (int step = 0; step < kPowerSteps; ++step) {
        parallel_blocks(m, kChunkRows, [&](std::size_t begin, std::size_t end) {
            std::fill(found.columns.begin() + static_cast<std::ptrdiff_t>(begin),
                      found.columns.begin() + static_cast<std::ptrdiff_t>(end), 0.0);
            for (std::size_t r = 0; r < rows; ++r)
                for (std::size_t j = begin; j < end; ++j)
                    found.columns[j] += found.rows[r] * static_cast<double>(missing(r, j));
        });
        normalise(found.columns);
        found.rows =
            parallel_sum(m, rows, [&](std::size_t begin, std::size_t end, std::span<double> out) {
                for (std::size_t r = 0; r < rows; ++r)
                    for (std::size_t j = begin; j < end; ++j)
                        out[r] += found.columns[j] * static_cast<double>(missing(r, j));
            });
        normalise(found.rows);
    }
    return found;
}

std::vector<float> weights_to_try(std::span<const float> logits, std::span<const double> log_rest,
                                  std::size_t splats) {
    const double even = 1.0 / static_cast<double>(splats + 1);
    std::vector<float> weights;
    for (const double share : kShares)
        weights.push_back(static_cast<float>(
            solve_log_weight(logits, log_rest, std::min(share * even, kLargestShare))));
    return weights;
}

std::vector<double> shares_taken(std::span<const float> logits, std::span<const double> log_rest,
                                 float log_weight) {
    std::vector<double> shares;
    for (std::size_t i = 0; i < logits.size(); ++i)
        shares.push_back(1.0 / (1.0 + std::exp(log_rest[i] - static_cast<double>(logits[i]) -
                                               static_cast<double>(log_weight))));
    return shares;
}

}  // namespace hsa
