#include "engine/adapt/faults.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

namespace hsa {
namespace {

constexpr double kWorstCondition = 1e12;  // rulings.md: more than this is no covariance

bool sound_variance(float v) { return std::isfinite(v) && v > 0.0F; }
bool sound_weight(float w) {
    return std::isfinite(w) || w == -std::numeric_limits<float>::infinity();
}

// Largest over least of what a splat's axes are.
double condition(const SplatRegistry& registry, std::size_t row) {
    const CovarianceView covariance = registry.gaussians.covariance(row);
    if (!covariance.shape.empty())
        return condition_at_most(covariance, kMostCondition) ? 1.0 : condition_of(covariance);
    const auto [least, most] =
        std::minmax_element(covariance.variance.begin(), covariance.variance.end());
    return static_cast<double>(*most) / static_cast<double>(*least);
}

// Mean variance of the axes of a level's data.
double spread_of(const Matrix<float>& x) {
    if (x.rows() == 0) return 0.0;
    const auto n = static_cast<double>(x.rows());
    double spread = 0.0;
    std::vector<double> sum(x.cols(), 0.0);
    std::vector<double> square(x.cols(), 0.0);
    for (std::size_t i = 0; i < x.rows(); ++i)
        for (std::size_t a = 0; a < x.cols(); ++a) {
            const auto value = static_cast<double>(x(i, a));
            sum[a] += value / n;
            square[a] += value * value / n;
        }
    for (std::size_t a = 0; a < x.cols(); ++a)
        spread += std::max(0.0, square[a] - sum[a] * sum[a]) / static_cast<double>(x.cols());
    return spread;
}

double kernel_variance(const SplatRegistry& registry, std::size_t row) {
    double sum = 0.0;
    for (const float v : marginal_variances(registry.gaussians.covariance(row)))
        sum += static_cast<double>(v);
    return sum / static_cast<double>(registry.dimension) / static_cast<double>(registry.beta[row]);
}

void compare_widths(const Coordinates& coordinates, const SplatRegistry& registry,
                    std::size_t level, const std::vector<std::size_t>& rows, Proportions& found) {
    const double spread =
        level < coordinates.levels.size() ? spread_of(*coordinates.levels[level]) : 0.0;
    for (const std::size_t row : rows) {
        const double c = condition(registry, row);
        found.condition = std::max(found.condition, c);
        if (c > kMostCondition)
            found.conditions.push_back({registry.id[row], registry.level[row], c});
        if (!(spread > 0.0)) continue;
        const double width = kernel_variance(registry, row) / spread;
        found.widest = std::max(found.widest, width);
        found.narrowest = found.narrowest > 0.0 ? std::min(found.narrowest, width) : width;
        if (width > kMostWidth || width < kLeastWidth)
            found.widths.push_back({registry.id[row], registry.level[row], width});
    }
}

// The lower of the two in the middle: of two splats one may be loud. NaN without a splat that
// counts.
double middle_amplitude(const SplatRegistry& registry, const std::vector<std::size_t>& rows) {
    std::vector<double> weights;
    weights.reserve(rows.size());
    for (const std::size_t row : rows)
        if (std::isfinite(registry.log_amplitude[row]))
            weights.push_back(static_cast<double>(registry.log_amplitude[row]));
    return median_of(std::move(weights), std::numeric_limits<double>::quiet_NaN());
}

double sum_of(const std::vector<double>& usage, const std::vector<std::size_t>& rows) {
    double sum = 0.0;
    for (const std::size_t row : rows) sum += usage[row];
    return sum;
}

std::vector<double> mean_of_rows(const Matrix<float>& p) {
    std::vector<double> mean(p.cols(), 0.0);
    for (std::size_t i = 0; i < p.rows(); ++i)
        for (std::size_t s = 0; s < p.cols(); ++s)
            mean[s] += static_cast<double>(p(i, s)) / static_cast<double>(p.rows());
    return mean;
}

// What a splat would have of the tokens were there none but it and these others.
double share_beside(const Matrix<float>& p, std::size_t splat,
                    const std::vector<std::size_t>& others) {
    double share = 0.0;
    for (std::size_t i = 0; i < p.rows(); ++i) {
        auto all = static_cast<double>(p(i, splat));
        for (const std::size_t other : others) all += static_cast<double>(p(i, other));
        if (all > 0.0) share += static_cast<double>(p(i, splat)) / all;
    }
    return share / static_cast<double>(p.rows());
}

}  // namespace

double median_of(std::vector<double> values, double otherwise) {
    if (values.empty()) return otherwise;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

bool sound_numbers(const SplatRegistry& registry, std::size_t row) {
    const auto centre = registry.gaussians.centre.row(row);
    const auto variance = registry.gaussians.variance.row(row);
    const CovarianceView covariance = registry.gaussians.covariance(row);
    return std::all_of(centre.begin(), centre.end(), [](float c) { return std::isfinite(c); }) &&
           std::all_of(variance.begin(), variance.end(), sound_variance) &&
           (covariance.shape.empty() || condition_at_most(covariance, kWorstCondition)) &&
           sound_variance(registry.beta[row]) && sound_weight(registry.log_amplitude[row]);
}

std::vector<SplatId> unsound_splats(const SplatRegistry& registry) {
    std::vector<SplatId> splats;
    for (std::size_t row = 0; row < registry.size(); ++row)
        if (!sound_numbers(registry, row)) splats.push_back(registry.id[row]);
    return splats;
}

Proportions proportions(const Coordinates& coordinates, const SplatRegistry& registry) {
    Proportions found;
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l) {
        std::vector<std::size_t> rows = registry.rows_of_level(l);
        std::erase_if(rows, [&](std::size_t row) { return !sound_numbers(registry, row); });
        compare_widths(coordinates, registry, l, rows, found);
    }
    return found;
}

void find_loud(const SplatRegistry& registry, const std::function<Answers()>& answers,
               Proportions& found) {
    const std::size_t levels = registry.hierarchy.size();
    std::vector<std::vector<std::size_t>> loud(levels);  // rows, by level
    std::vector<double> middle;                          // of the levels that have splats
    std::vector<std::size_t> level_of;
    for (std::size_t l = 0; l < levels; ++l) {
        const std::vector<std::size_t> rows = registry.rows_of_level(l);
        const double own = middle_amplitude(registry, rows);
        if (!std::isfinite(own)) continue;
        middle.push_back(own);
        level_of.push_back(l);
        for (const std::size_t row : rows) {
            const double above = static_cast<double>(registry.log_amplitude[row]) - own;
            if (above > kMostLoudness && sound_numbers(registry, row)) loud[l].push_back(row);
            if (std::isfinite(above)) found.loudness = std::max(found.loudness, above);
        }
    }
    std::vector<std::size_t> loud_levels;
    for (std::size_t m = 0; m < middle.size(); ++m) {
        std::vector<double> others = middle;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(m));
        const double above = middle[m] - median_of(std::move(others), middle[m]);
        found.level_loudness = std::max(found.level_loudness, above);
        if (above > kMostLevelLoudness) loud_levels.push_back(level_of[m]);
    }
    const bool drowned = registry.background_log_weight &&
                         std::isfinite(*registry.background_log_weight) && !middle.empty();
    if (drowned) found.registry_loudness = median_of(middle, 0.0) - *registry.background_log_weight;
    const bool loud_registry = drowned && found.registry_loudness > kMostRegistryLoudness;
    const bool any =
        std::any_of(loud.begin(), loud.end(),
                    [](const std::vector<std::size_t>& rows) { return !rows.empty(); });
    if (!any && loud_levels.empty() && !loud_registry) return;

    const Answers p = answers();
    if (p.p.rows() == 0) return;
    const std::vector<double> usage = mean_of_rows(p.p);
    for (std::size_t l = 0; l < levels; ++l) {
        const std::vector<std::size_t> rows = registry.rows_of_level(l);
        const double level = sum_of(usage, rows);
        if (loud[l].empty() || !(level > 0.0)) continue;
        std::vector<std::size_t> quiet;
        std::set_difference(rows.begin(), rows.end(), loud[l].begin(), loud[l].end(),
                            std::back_inserter(quiet));
        std::erase_if(loud[l], [&](std::size_t row) {
            return share_beside(p.p, row, quiet) <= kMostTakenAlone;
        });
        const double share = sum_of(usage, loud[l]) / level;
        found.taken = std::max(found.taken, share);
        if (!(share > kMostTaken)) continue;
        const double own = middle_amplitude(registry, rows);
        for (const std::size_t row : loud[l])
            found.amplitudes.push_back({registry.id[row], registry.level[row],
                                        static_cast<double>(registry.log_amplitude[row]) - own});
    }
    for (const std::size_t l : loud_levels) {
        const double share = sum_of(usage, registry.rows_of_level(l));
        found.taken_by_level = std::max(found.taken_by_level, share);
        if (share > kMostTakenByLevel && registry.hierarchy.share(l) < kMostTakenByLevel)
            found.loud_levels.push_back(l);
    }
    if (!loud_registry) return;
    found.background = 0.0;
    for (const float share : p.background)
        found.background += static_cast<double>(share) / static_cast<double>(p.p.rows());
    found.loud_registry = found.background < kLeastBackground;
}

std::vector<std::size_t> empty_levels(const SplatRegistry& registry) {
    std::vector<std::size_t> empty;
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l) {
        const std::vector<std::size_t> rows = registry.rows_of_level(l);
        if (std::all_of(rows.begin(), rows.end(), [&](std::size_t row) {
                return registry.log_amplitude[row] == -std::numeric_limits<float>::infinity();
            }))
            empty.push_back(l);
    }
    return empty;
}

std::vector<BrokenLink> broken_links(const SplatRegistry& registry) {
    std::vector<BrokenLink> broken;
    const std::size_t levels = registry.hierarchy.size();
    for (std::size_t row = 0; row < registry.size(); ++row) {
        const std::uint16_t level = registry.level[row];
        const SplatId parent = registry.parent[row];
        const bool coarsest = level + std::size_t{1} >= levels;
        if (parent == kNoSplat) {
            if (!coarsest && registry.made_here && registry.count(level + std::size_t{1}) > 0)
                broken.push_back({registry.id[row], level, LinkFault::missing});
            continue;
        }
        const std::optional<std::size_t> above = registry.find(parent);
        if (!above) broken.push_back({registry.id[row], level, LinkFault::unknown});
        else if (coarsest || registry.level[*above] != level + 1)
            broken.push_back({registry.id[row], level, LinkFault::wrong_level});
    }
    return broken;
}

Misplaced misplaced(const SplatRegistry& registry, const ParentOverlap& overlap) {
    const std::size_t levels = registry.hierarchy.size();
    Misplaced found;
    std::vector<double> with(levels, 0.0);
    std::vector<double> badly(levels, 0.0);
    const auto bad = [&](std::size_t row) {
        return static_cast<double>(overlap.own[row]) <
               kLeastParentShare * static_cast<double>(overlap.best[row]);
    };
    for (std::size_t row = 0; row < registry.size(); ++row) {
        if (std::isnan(overlap.own[row])) continue;
        with[registry.level[row]] += 1.0;
        if (bad(row)) badly[registry.level[row]] += 1.0;
    }
    for (std::size_t l = 0; l < levels; ++l)
        found.shares.push_back(with[l] > 0.0 ? badly[l] / with[l] : 0.0);
    for (std::size_t row = 0; row < registry.size(); ++row)
        if (!std::isnan(overlap.own[row]) && bad(row) &&
            found.shares[registry.level[row]] > kMostMisplaced)
            found.splats.push_back(registry.id[row]);
    return found;
}

}  // namespace hsa
