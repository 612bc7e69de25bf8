#include "engine/adapt/mend_parts.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace hsa {
namespace {

constexpr double kWorstAxis = 100.0;  // maths.md 7

double kernel_variance(const Splat& splat) {
    double sum = 0.0;
    for (const float v : marginal_variances(splat.covariance())) sum += static_cast<double>(v);
    return sum / static_cast<double>(splat.centre.size()) / static_cast<double>(splat.beta);
}

void hold_axes(Splat& splat) {
    if (!splat.shape.empty() && !condition_at_most(splat.covariance(), kMostCondition))
        std::fill(splat.shape.begin(), splat.shape.end(), 0.0F);
    // Of the logarithms: one axis that ran away would make a mean of its own.
    std::vector<double> logs;
    for (const float v : splat.variance) logs.push_back(std::log(static_cast<double>(v)));
    const double middle = std::exp(median_of(std::move(logs), 0.0));
    for (float& v : splat.variance)
        v = static_cast<float>(
            std::clamp(static_cast<double>(v), middle / kWorstAxis, middle * kWorstAxis));
}

}  // namespace

std::vector<Mended> mend_widths(const MendInput& bench, SplatRegistry& registry) {
    std::vector<Mended> done;
    const Proportions found = proportions(bench.input.coordinates, registry);
    for (const auto& [level, of] : by_level(found.conditions)) {
        for (const SplatId id : of.ids) {
            Splat splat = registry.splat(registry.row(id));
            hold_axes(splat);
            registry.assign(splat);
        }
        done.push_back(
            {RepairKind::widths,
             level,
             of.ids,
             of.ids,
             {{"condition", of.worst, kMostCondition}},
             fmt::format(
                 "{} repaired: the widest axis had {:.2g} times the variance of the "
                 "narrowest (at most {:.0e} is sound); axes are held within a factor {:.0f} "
                 "of their middle.",
                 splats_text(of.ids, registry.hierarchy.levels[level].name), of.worst,
                 kMostCondition, kWorstAxis)});
    }
    for (const auto& [level, of] : by_level(found.widths)) {
        std::vector<double> widths;
        for (const std::size_t row : registry.rows_of_level(level))
            if (!holds(of.ids, registry.id[row]))
                widths.push_back(kernel_variance(registry.splat(row)));
        for (const SplatId id : of.ids) {
            Splat splat = registry.splat(registry.row(id));
            // A level that has no sound width gets the data's own.
            const double now = kernel_variance(splat);
            const double wanted = median_of(widths, 0.0);
            const double value =
                std::find_if(found.widths.begin(), found.widths.end(), [&](const StrangeSplat& s) {
                    return s.id == id;
                })->value;
            const double by = wanted > 0.0 ? wanted / now : 1.0 / value;
            for (float& v : splat.variance) v = static_cast<float>(static_cast<double>(v) * by);
            std::fill(splat.shape.begin(), splat.shape.end(), 0.0F);
            registry.assign(splat);
        }
        done.push_back(
            {RepairKind::widths,
             level,
             of.ids,
             of.ids,
             {{"width", of.worst, of.worst > 1.0 ? kMostWidth : kLeastWidth}},
             fmt::format("{} repaired: a variance was {:.2g} times that of the data ({:.0e} to "
                         "{:.0e} is sound); it is now the level's median.",
                         splats_text(of.ids, registry.hierarchy.levels[level].name), of.worst,
                         kLeastWidth, kMostWidth)});
    }
    return done;
}

}  // namespace hsa
