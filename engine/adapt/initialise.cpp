#include "engine/adapt/initialise.h"

#include "engine/adapt/bandwidth.h"
#include "engine/adapt/cell_covariances.h"
#include "engine/adapt/places.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"
#include "engine/core/stratified.h"
#include "engine/core/work_part.h"
#include "engine/model/key_mask.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kBandwidthRows = 20000;
constexpr double kClip = 100.0;  // of a level's pooled variance, both ways
constexpr std::int32_t kStartingAge = 3;
enum Purpose : std::uint64_t { places_purpose = 10 };

double between_four(const std::array<double, 4>& four, std::size_t level, std::size_t levels,
                    bool in_log) {
    if (levels == 1) return four[0];
    const double place = 3.0 * static_cast<double>(level) / static_cast<double>(levels - 1);
    const auto below = std::min<std::size_t>(static_cast<std::size_t>(place), 2);
    const double t = place - static_cast<double>(below);
    if (in_log) return std::exp((1.0 - t) * std::log(four[below]) + t * std::log(four[below + 1]));
    return (1.0 - t) * four[below] + t * four[below + 1];
}

std::size_t distinct_rows(const Matrix<float>& y, std::size_t enough) {
    std::unordered_set<std::string_view> seen;
    for (std::size_t i = 0; i < y.rows() && seen.size() < enough; ++i)
        seen.insert({reinterpret_cast<const char*>(y.row(i).data()), y.cols() * sizeof(float)});
    return seen.size();
}

std::vector<std::uint32_t> all_rows(std::size_t n) {
    std::vector<std::uint32_t> rows(n);
    std::iota(rows.begin(), rows.end(), 0U);
    return rows;
}

// Places of all levels, finest first. levels: coarsest over all, the ones between nested in the
// level above, the finest over all (defaults.md 5).
std::vector<Places> find_places(const Coordinates& coordinates, const InitSettings& init,
                                std::span<const std::size_t> counts, std::uint64_t seed,
                                const Work& work) {
    const std::size_t levels = counts.size();
    std::vector<Places> places(levels);
    const std::vector<std::uint32_t> rows = all_rows(coordinates.size());
    for (std::size_t l = levels; l-- > 0;) {
        work.check();
        const auto done = static_cast<double>(levels - 1 - l);
        const Work own = part_of(work, "placing splats", done / static_cast<double>(levels),
                                 (done + 1.0) / static_cast<double>(levels));
        own.report("", 0.0);
        const Matrix<float>& y = *coordinates.levels[l];
        const std::uint64_t level_seed = random_bits({seed, places_purpose, l});
        if (init.method == InitMethod::pca) places[l] = axis_places(y, counts[l], own);
        else if (init.method == InitMethod::random)
            places[l] = random_places(y, counts[l], level_seed, own);
        else if (init.method == InitMethod::levels && l > 0 && l + 1 < levels)
            places[l] = nested_kmeans(y, coordinates.token_weight, places[l + 1], counts[l],
                                      level_seed, own);
        else
            places[l] =
                weighted_kmeans(y, coordinates.token_weight, rows, counts[l], level_seed, own);
    }
    return places;
}

// Mean and variance of each cell, shrunk half way in the log to the level's pooled one and clipped
// (defaults.md 6); appended to the registry.
void add_shapes(const Matrix<float>& y, std::span<const float> weight, const Places& places,
                std::uint16_t level, CovarianceKind kind, SplatRegistry& registry,
                const Work& work) {
    const std::size_t d = y.cols();
    const std::vector<double> first =
        parallel_sum(y.rows(), places.count * (d + 1),
                     [&](std::size_t begin, std::size_t end, std::span<double> out) {
                         work.check();
                         for (std::size_t i = begin; i < end; ++i) {
                             double* into = out.data() + places.label[i] * (d + 1);
                             const auto w = static_cast<double>(weight[i]);
                             for (std::size_t a = 0; a < d; ++a)
                                 into[a] += w * static_cast<double>(y(i, a));
                             into[d] += w;
                         }
                     });
    const auto mean = [&](std::size_t s, std::size_t a) {
        return first[s * (d + 1) + a] / first[s * (d + 1) + d];
    };
    const std::vector<double> second = parallel_sum(
        y.rows(), places.count * d, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            work.check();
            for (std::size_t i = begin; i < end; ++i) {
                const std::size_t s = places.label[i];
                for (std::size_t a = 0; a < d; ++a) {
                    const double delta = static_cast<double>(y(i, a)) - mean(s, a);
                    out[s * d + a] += static_cast<double>(weight[i]) * delta * delta;
                }
            }
        });
    double pooled = 0.0;
    double total = 0.0;
    for (std::size_t s = 0; s < places.count; ++s) {
        for (std::size_t a = 0; a < d; ++a) pooled += second[s * d + a];
        total += first[s * (d + 1) + d];
    }
    pooled /= total * static_cast<double>(d);
    if (!(pooled > 0.0)) pooled = 1.0;  // all rows of a cell are equal: any width serves
    const auto shrunk = [&](double v) {
        return std::clamp(std::sqrt(std::max(v, 0.0) * pooled), pooled / kClip, pooled * kClip);
    };
    std::vector<Covariance> shapes;
    if (kind == CovarianceKind::lowrank || kind == CovarianceKind::full) {
        Matrix<double> centre(places.count, d);
        for (std::size_t s = 0; s < places.count; ++s)
            for (std::size_t a = 0; a < d; ++a) centre(s, a) = mean(s, a);
        shapes = cell_covariances(y, weight, places, centre, pooled, kind);
    }
    for (std::size_t s = 0; s < places.count; ++s) {
        Splat splat;
        splat.level = level;
        splat.kind = kind;
        splat.age = kStartingAge;
        const double mass = first[s * (d + 1) + d];
        double spherical = 0.0;
        for (std::size_t a = 0; a < d; ++a) {
            splat.centre.push_back(static_cast<float>(mean(s, a)));
            splat.variance.push_back(static_cast<float>(shrunk(second[s * d + a] / mass)));
            spherical += second[s * d + a];
        }
        if (kind == CovarianceKind::spherical)
            splat.variance.assign(
                d, static_cast<float>(shrunk(spherical / (mass * static_cast<double>(d)))));
        if (!shapes.empty()) {
            splat.variance = std::move(shapes[s].variance);
            splat.shape = std::move(shapes[s].shape);
        }
        registry.add(splat);
    }
}

// A registry of places and shapes, finest level first.
SplatRegistry place_splats(const Coordinates& coordinates, const Hierarchy& hierarchy,
                           const std::vector<Places>& places, CovarianceKind kind,
                           const Work& work) {
    SplatRegistry registry;
    registry.hierarchy = hierarchy;
    registry.dimension = coordinates.dimension();
    registry.gaussians.centre = Matrix<float>(0, registry.dimension);
    registry.gaussians.variance = Matrix<float>(0, registry.dimension);
    registry.coordinates = coordinates.recipe;
    registry.made_here = true;
    for (std::size_t l = 0; l < hierarchy.size(); ++l)
        add_shapes(*coordinates.levels[l], coordinates.token_weight, places[l],
                   static_cast<std::uint16_t>(l), kind, registry, work);
    return registry;
}

void fit_level(Backend& backend, const Coordinates& coordinates, std::size_t level,
               double perplexity, SplatRegistry& registry, const Work& work) {
    const std::vector<std::uint32_t> rows = stratified_rows(coordinates.size(), kBandwidthRows);
    const LevelKernel kernel = bind_level(backend, registry, level, 1.0);
    const Matrix<float> ell = log_kernel_of_tokens(backend, kernel, coordinates, rows);
    const double target =
        std::max(1.3, std::min(perplexity, 0.4 * static_cast<double>(kernel.rows.size())));
    const double beta = fit_bandwidth(ell, target, work).beta;
    for (const std::size_t row : kernel.rows) registry.beta[row] = static_cast<float>(beta);
}

void fit_bandwidths(Backend& backend, const Coordinates& coordinates, SplatRegistry& registry,
                    const Work& work) {
    const std::size_t levels = registry.hierarchy.size();
    for (std::size_t l = 0; l < levels; ++l) {
        work.report("fitting bandwidths", static_cast<double>(l) / static_cast<double>(levels));
        fit_level(backend, coordinates, l, default_perplexity(l, levels), registry, work);
    }
}

std::vector<double> members_in(const Places& places) {
    std::vector<double> members(places.count, 0.0);
    for (const std::uint32_t label : places.label) members[label] += 1.0;
    return members;
}

}  // namespace

double default_perplexity(std::size_t level, std::size_t levels) {
    constexpr std::array<double, 4> kTargets = {3.0, 4.0, 5.0, 2.0};
    return between_four(kTargets, level, levels, false);
}

SplatRegistry splats_of_level(Backend& backend, const Coordinates& coordinates,
                              const Places& places, CovarianceKind kind, double perplexity,
                              const Work& work) {
    Hierarchy alone;
    alone.levels = {{"", 1.0}};
    SplatRegistry registry = place_splats(coordinates, alone, {places}, kind, work);
    fit_level(backend, coordinates, 0, perplexity, registry, work);
    (void)calibrate(backend, coordinates, members_in(places), registry, work);
    return registry;
}

std::vector<std::size_t> default_counts(std::size_t tokens, std::size_t levels,
                                        std::size_t distinct) {
    constexpr std::array<double, 4> kDivisors = {1.0, 2.0, 5.0, 20.0};
    constexpr std::array<double, 4> kFloors = {8.0, 4.0, 3.0, 2.0};
    const double k1 =
        std::clamp(std::round(2.4 * std::sqrt(static_cast<double>(tokens))), 8.0, 100.0);
    std::vector<std::size_t> counts(levels);
    for (std::size_t l = 0; l < levels; ++l) {
        const double wanted = std::max(std::round(between_four(kFloors, l, levels, true)),
                                       std::round(k1 / between_four(kDivisors, l, levels, true)));
        const auto count = std::min<std::size_t>(tokens / 4, static_cast<std::size_t>(wanted));
        counts[l] = std::max<std::size_t>(1, std::min(count, distinct));
    }
    return counts;
}

Start initialise(Backend& backend, const Dataset& dataset, const Coordinates& coordinates,
                 const Hierarchy& hierarchy, const InitSettings& init,
                 const SplatSettings& settings, const Work& work) {
    const Coordinates visible = visible_coordinates(coordinates);
    const std::size_t n = visible.size();
    if (n == 0) fail("{} has no tokens: there is nothing to place splats on.", dataset.source);
    // More than a level can have splats.
    std::size_t enough = 4096;
    for (const std::size_t count : init.counts) enough = std::max(enough, count);
    const std::size_t distinct = distinct_rows(*visible.base, enough);
    std::vector<std::size_t> counts = default_counts(n, hierarchy.size(), distinct);
    if (!init.counts.empty()) {
        if (init.counts.size() != hierarchy.size())
            fail("splats.init was given {} counts for {} levels: give one a level, finest first.",
                 init.counts.size(), hierarchy.size());
        for (std::size_t l = 0; l < counts.size(); ++l)
            counts[l] = std::max<std::size_t>(1, std::min({init.counts[l], n, distinct}));
    }
    const std::vector<Places> places = find_places(visible, init, counts, settings.seed, work);
    SplatRegistry registry = place_splats(
        visible, hierarchy, places, settings.kernel.value_or(CovarianceKind::spherical), work);
    fit_bandwidths(backend, visible, registry, work);
    if (settings.background) registry.background_log_weight = 0.0;
    std::vector<double> members;
    for (const Places& level : places) {
        const std::vector<double> counted = members_in(level);
        members.insert(members.end(), counted.begin(), counted.end());
    }
    const Calibration calibration = calibrate(backend, visible, members, registry, work);
    (void)assign_parents(backend, visible, registry, work);
    check_invariants(registry);
    return {std::move(registry), calibration};
}

}  // namespace hsa
