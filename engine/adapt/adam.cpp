#include "engine/adapt/adam.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace hsa {
namespace {

constexpr double kWorstRatio = 100.0;
constexpr double kLeastVariance = 1e-20;
constexpr double kMostVariance = 1e20;

bool has_slope(const LevelGradient& gradient, std::size_t splat) {
    const auto finite = [](double v) { return std::isfinite(v); };
    const auto all = [&](std::span<const double> row) {
        return std::all_of(row.begin(), row.end(), finite);
    };
    return std::isfinite(gradient.log_weight[splat]) && all(gradient.centre.row(splat)) &&
           all(gradient.log_precision.row(splat));
}

}  // namespace

void adam_step(const LevelGradient& gradient, double rate, const StepScale& scale,
               std::map<SplatId, AdamMoments>& moments, LevelSplats& splats) {
    const std::size_t d = splats.centre.cols();
    const std::size_t axes = gradient.log_precision.cols();
    for (std::size_t s = 0; s < splats.size(); ++s) {
        if (!has_slope(gradient, s)) continue;
        AdamSteps step(moments[splats.id[s]], d + axes + 1);
        for (std::size_t a = 0; a < d; ++a) {
            const double by = rate * scale.rms[a] * step(a, gradient.centre(s, a));
            splats.centre(s, a) = static_cast<float>(static_cast<double>(splats.centre(s, a)) - by);
        }
        double average = 0.0;
        double widening = 0.0;
        const bool fixed = !splats.shape[s].empty();  // steps leave the shape as it is
        for (std::size_t a = 0; a < d && !fixed; ++a) {
            // A lower precision is a larger variance.
            if (a < axes) widening = std::exp(rate * step(d + a, gradient.log_precision(s, a)));
            const double variance =
                std::clamp(static_cast<double>(splats.variance(s, a)) * widening, kLeastVariance,
                           kMostVariance);
            splats.variance(s, a) = static_cast<float>(variance);
            average += variance / static_cast<double>(d);
        }
        if (axes > 1 && !fixed)
            for (std::size_t a = 0; a < d; ++a)
                splats.variance(s, a) =
                    static_cast<float>(std::clamp(static_cast<double>(splats.variance(s, a)),
                                                  average / kWorstRatio, average * kWorstRatio));
        const double by = rate * step(d + axes, gradient.log_weight[s]);
        splats.log_weight[s] = static_cast<float>(static_cast<double>(splats.log_weight[s]) - by);
    }
}

void shift_weights(const LevelGradient& gradient, double rate, AdamMoments& moments,
                   LevelSplats& splats) {
    const double slope =
        std::accumulate(gradient.log_weight.begin(), gradient.log_weight.end(), 0.0);
    if (!std::isfinite(slope)) return;
    const double by = rate * AdamSteps(moments, 1)(0, slope);
    for (float& w : splats.log_weight) w = static_cast<float>(static_cast<double>(w) - by);
}

}  // namespace hsa
