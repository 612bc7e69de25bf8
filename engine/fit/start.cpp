#include "engine/fit/start.h"

#include "engine/attention/adam_steps.h"
#include "engine/attention/factors.h"
#include "engine/attention/kmeans.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/fit/loss.h"
#include "engine/model/key_mask.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace hsa {
namespace {

constexpr double kWorstRatio = 100.0;
constexpr int kWeightRounds = 4;
constexpr double kBackgroundShare = 1e-3;

// ln w <- ln w + ln(gamma / P), what EM would do with the weights alone.
void weight_round(const FitGradient& gradient, SplatRegistry& registry) {
    constexpr double kLeast = 0.05;
    for (std::size_t s = 0; s < registry.size(); ++s) {
        if (!(gradient.usage[s] > 0.0)) continue;
        const double factor =
            std::clamp(1.0 - gradient.log_weight[s] / gradient.usage[s], kLeast, 1.0 / kLeast);
        registry.log_amplitude[s] =
            static_cast<float>(static_cast<double>(registry.log_amplitude[s]) + std::log(factor));
    }
}

}  // namespace

SplatRegistry empty_registry(const Head& head, Form form) {
    SplatRegistry registry;
    registry.form = form;
    registry.hierarchy = make_hierarchy(1, head.tokens());
    registry.dimension = head.coordinates.dimension();
    registry.kappa = form == Form::shared ? 1.0 : 0.0;
    registry.made_here = true;
    return registry;
}

KeyCells key_cells(const Head& head, const StartOptions& options, const Work& work) {
    if (options.kind != CovarianceKind::spherical && options.kind != CovarianceKind::diagonal)
        fail("A fit was asked for with {} splats; it has spherical and diagonal ones.",
             name_of(options.kind));
    KeyCells cells;
    cells.keys = visible_coordinates(head.coordinates).base;
    const Matrix<float>& keys = *cells.keys;
    const std::size_t n = keys.rows();
    const std::size_t d = keys.cols();
    std::vector<std::uint32_t> all(n);
    std::iota(all.begin(), all.end(), 0U);
    const std::vector<float> weight(n, 1.0F);
    const std::size_t wanted =
        std::clamp<std::size_t>(options.splats, 1, std::max<std::size_t>(n / 2, 1));
    Places places = weighted_kmeans(keys, weight, all, wanted, options.seed, work);
    cells.label = std::move(places.label);
    const std::size_t k = places.count;
    std::vector<double> members(k, 0.0);
    for (const std::uint32_t label : cells.label) members[label] += 1.0;
    cells.mean = Matrix<double>(k, d);
    const std::vector<double> sums =
        parallel_sum(n, k * d, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t j = begin; j < end; ++j)
                for (std::size_t a = 0; a < d; ++a)
                    out[cells.label[j] * d + a] += static_cast<double>(keys(j, a));
        });
    for (std::size_t e = 0; e < sums.size(); ++e) cells.mean.data()[e] = sums[e] / members[e / d];
    cells.variance =
        parallel_sum(n, d, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t j = begin; j < end; ++j)
                for (std::size_t a = 0; a < d; ++a) {
                    const double delta =
                        static_cast<double>(keys(j, a)) - cells.mean(cells.label[j], a);
                    out[a] += delta * delta / static_cast<double>(n);
                }
        });
    // Where nothing varies within cells, what varies between them sets the scale; 1 in the end.
    const auto axes = static_cast<double>(std::max<std::size_t>(d, 1));
    double average = std::accumulate(cells.variance.begin(), cells.variance.end(), 0.0) / axes;
    if (!(average > 0.0)) {
        for (const double rms : step_scale(keys.view()).rms) average += rms * rms / axes;
        if (!(average > 0.0)) average = 1.0;
    }
    for (double& variance : cells.variance) variance = std::max(variance, average / kWorstRatio);
    return cells;
}

void add_background(Backend& backend, const Head& head, const ExactRows& exact,
                    SplatRegistry& registry, const Work& work) {
    registry.background_log_weight = 0.0;
    const Factors factors =
        compute_factors_of_queries(backend, registry, head.coordinates, exact.rows, {}, work);
    // With ln w = x instead of 0 its P is p e^x / (1 - p + p e^x).
    const std::size_t last = factors.columns() - 1;
    const auto share = [&](double x) {
        double sum = 0.0;
        for (std::size_t i = 0; i < exact.rows.size(); ++i) {
            // What the others have, summed up: 1 - p rounds to 0 where they have little.
            const double p = std::clamp(static_cast<double>(factors.p(i, last)), 1e-30, 1.0);
            double others = 0.0;
            for (std::size_t s = 0; s < last; ++s) others += static_cast<double>(factors.p(i, s));
            sum += 1.0 / (1.0 + std::max(others, 1e-30) / p * std::exp(-x));
        }
        return sum / static_cast<double>(exact.rows.size());
    };
    double low = -200.0;
    double high = 200.0;
    for (int halving = 0; halving < 60; ++halving) {
        const double middle = 0.5 * (low + high);
        (share(middle) < kBackgroundShare ? low : high) = middle;
    }
    registry.background_log_weight = 0.5 * (low + high);
}

void BestStart::offer(Backend& backend, const Head& head, const ExactRows& exact,
                      SplatRegistry registry, const Work& work) {
    const double kl = measure_fit(backend, registry, head, exact, work).loss.kl;
    if (!best_.id.empty() && !(kl < kl_)) return;
    best_ = std::move(registry);
    kl_ = kl;
}

SplatRegistry shared_start(Backend& backend, const Head& head, const ExactRows& exact,
                           const StartOptions& options, const Work& work) {
    const KeyCells cells = key_cells(head, options, work);
    const std::size_t d = head.coordinates.dimension();
    const Matrix<float>& queries = queries_of(head);
    const std::vector<double> mean = parallel_sum(
        queries.rows(), d, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t i = begin; i < end; ++i)
                for (std::size_t a = 0; a < d; ++a)
                    out[a] +=
                        static_cast<double>(queries(i, a)) / static_cast<double>(queries.rows());
        });
    BestStart best;
    for (const double narrow : {0.25, 0.5, 1.0, 2.0}) {
        SplatRegistry registry = empty_registry(head, Form::shared);
        const double precision = registry.kappa + narrow;
        for (std::size_t s = 0; s < cells.size(); ++s) {
            Splat splat;
            splat.kind = options.kind;
            splat.variance.assign(d, static_cast<float>(1.0 / precision));
            for (std::size_t a = 0; a < d; ++a)
                splat.centre.push_back(
                    static_cast<float>((cells.mean(s, a) + mean[a]) / precision));
            registry.add(splat);
        }
        if (options.background) add_background(backend, head, exact, registry, work);
        for (int round = 0; round < kWeightRounds; ++round)
            weight_round(fit_gradient(backend, registry, head, exact, 0.0, work), registry);
        if (options.background) add_background(backend, head, exact, registry, work);
        best.offer(backend, head, exact, std::move(registry), work);
    }
    return best.take();
}

}  // namespace hsa
