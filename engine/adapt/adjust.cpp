#include "engine/adapt/adjust.h"

#include "engine/adapt/level_settings.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hsa {
namespace {

constexpr std::uint64_t kSteps = 10;
constexpr std::size_t kRowsOfStep = 64;
constexpr std::size_t kNamed = 8;
constexpr double kFar = 2.5;          // far: .05 where near is .02
constexpr double kFarFromBest = 1.2;  // a KL above this many times the best is far again
constexpr double kSlowGain = 0.01;    // a smaller relative gain ends the far rate
constexpr double kGrowth = 1.1;
constexpr double kLeastShare = 50.0;

// Of all parameters, centres in units of the coordinates' rms as the steps are.
double norm_of(const LevelGradient& gradient, const StepScale& scale) {
    double square = 0.0;
    for (std::size_t s = 0; s < gradient.log_weight.size(); ++s) {
        for (std::size_t a = 0; a < gradient.centre.cols(); ++a)
            square += std::pow(gradient.centre(s, a) * scale.rms[a], 2);
        for (std::size_t a = 0; a < gradient.log_precision.cols(); ++a)
            square += std::pow(gradient.log_precision(s, a), 2);
        square += std::pow(gradient.log_weight[s], 2);
    }
    return std::sqrt(square);
}

}  // namespace

double next_rate(bool kept, double before, double after, double rate, double near) {
    const bool far = rate > near;
    if (kept && far) return before - after < kSlowGain * before ? near : rate;
    if (kept) return std::min(rate * kGrowth, near);
    return far ? near : std::max(rate / 2.0, near / kLeastShare);
}

double rate_after_events(double before, double after, double rate, double near) {
    return before - after > kSlowGain * before ? far_rate(near) : rate;
}

std::vector<SplatId> farthest(const LevelSplats& from, const LevelSplats& to) {
    std::vector<double> moved(from.size(), 0.0);
    for (std::size_t s = 0; s < from.size(); ++s)
        for (std::size_t a = 0; a < from.centre.cols(); ++a) {
            const double delta =
                static_cast<double>(to.centre(s, a)) - static_cast<double>(from.centre(s, a));
            moved[s] += delta * delta;
        }
    std::vector<std::size_t> order(from.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return moved[a] > moved[b]; });
    std::vector<SplatId> ids;
    for (std::size_t r = 0; r < std::min(kNamed, order.size()); ++r)
        ids.push_back(from.id[order[r]]);
    return ids;
}

double far_rate(double learning_rate) { return kFar * learning_rate; }

std::vector<AdjustedLevel> adjust(const CycleContext& context, const SplatRegistry& registry,
                                  const std::vector<double>& rates, const std::vector<double>& best,
                                  std::map<SplatId, AdamMoments>& moments) {
    const std::vector<double> near = level_rates(context.input.settings, registry.hierarchy);
    const std::size_t levels = registry.hierarchy.size();
    std::vector<AdjustedLevel> adjusted(levels);
    std::vector<LevelSplats> stepped(levels);
    for (std::size_t l = 0; l < levels; ++l) {
        AdjustedLevel& level = adjusted[l];
        level.splats = level_splats(registry, l);
        level.before = context.probe_kl(level.splats);
        level.near = near[l];
        level.rate = level.before > kFarFromBest * best[l] ? far_rate(near[l]) : rates[l];
        stepped[l] = level.splats;
    }
    // Where no level share is kept, the level as a whole may gain on the background: one more
    // parameter, which single splats follow too slowly (their own gradients are mostly noise).
    const bool against_background =
        !registry.made_here && registry.background_log_weight.has_value();
    std::vector<AdamMoments> common(levels);
    for (std::uint64_t step = 0; step < kSteps; ++step) {
        context.work.check();
        const std::vector<std::uint32_t> rows = stratified(
            context.rows.free, kRowsOfStep, context.seed, context.cycle, Purpose::adjust, step);
        const Matrix<float> t = context.target(rows);
        const std::vector<double> weight(rows.size(), 1.0 / static_cast<double>(rows.size()));
        for (std::size_t l = 0; l < levels; ++l) {
            const Matrix<float> x_rows = context.coordinates(l, rows);
            const LevelGradient gradient = sampled_gradient(
                context.backend, stepped[l], context.input.temperature, context.background,
                context.columns.x[l], context.columns.log_weight, x_rows.view(), t.view(), weight,
                context.seen(rows));
            const double norm = norm_of(gradient, context.scale[l]);
            if (!(norm <= adjusted[l].gradient)) adjusted[l].gradient = norm;
            adam_step(gradient, adjusted[l].rate, context.scale[l], moments, stepped[l]);
            if (against_background)
                shift_weights(gradient, adjusted[l].rate, common[l], stepped[l]);
        }
    }
    for (std::size_t l = 0; l < levels; ++l) {
        AdjustedLevel& level = adjusted[l];
        level.after = context.probe_kl(stepped[l]);
        level.kept = std::isfinite(level.after) && level.after < level.before;
        level.next_rate = next_rate(level.kept, level.before, level.after, level.rate, near[l]);
        if (level.kept) {
            level.moved = farthest(level.splats, stepped[l]);
            level.splats = std::move(stepped[l]);
        } else {
            for (const SplatId id : level.splats.id) moments.erase(id);
        }
    }
    return adjusted;
}

}  // namespace hsa
