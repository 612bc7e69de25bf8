#include "bench/adapt/problem.h"

#include "engine/adapt/places.h"
#include "engine/adapt/thresholds.h"
#include "engine/compute/backend.h"
#include "engine/model/dataset.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

namespace hsa_bench {

using namespace hsa;

namespace {

std::size_t structural(const CycleResult& result) {
    return static_cast<std::size_t>(std::count_if(
        result.events.begin(), result.events.end(),
        [](const Event& event) { return event.accepted && is_structural(event.kind); }));
}

std::array<std::size_t, 4> kinds(const CycleResult& result) {
    std::array<std::size_t, 4> counts{};
    for (const Event& event : result.events)
        if (event.accepted && is_structural(event.kind)) ++counts[turn_of(event.kind)];
    return counts;
}

AdaptSettings adjust_only() {
    AdaptSettings settings;
    settings.rate_death = settings.rate_merge = settings.rate_mitosis = settings.rate_birth = 0;
    return settings;
}

}  // namespace

Problem problem_of(Matrix<float> x, double scale) {
    Problem problem;
    const auto rows = std::make_shared<const Matrix<float>>(x);
    problem.dataset.embeddings = Embeddings::own(x);
    for (std::uint32_t i = 0; i < x.rows(); ++i) problem.dataset.types.push_back(i);
    problem.coordinates.base = rows;
    problem.coordinates.levels = {rows};
    problem.coordinates.token_weight.assign(x.rows(), 1.0F);
    problem.target = std::make_shared<const Target>(std::move(x), scale);
    return problem;
}

std::shared_ptr<const SplatRegistry> start(const Problem& problem, std::size_t k,
                                           std::uint64_t seed) {
    const Matrix<float>& x = *problem.coordinates.base;
    const std::size_t d = x.cols();
    std::vector<std::uint32_t> rows(x.rows());
    std::iota(rows.begin(), rows.end(), 0U);
    const Places places =
        weighted_kmeans(x, problem.coordinates.token_weight, rows, k, seed, Work{});
    SplatRegistry registry;
    registry.hierarchy.levels = {{"Token", 1.0}};
    registry.dimension = d;
    registry.background_log_weight = -6.0;
    Matrix<double> centre(places.count, d);
    std::vector<double> count(places.count, 0.0);
    std::vector<double> spread(places.count, 0.0);
    for (std::size_t i = 0; i < x.rows(); ++i) {
        count[places.label[i]] += 1.0;
        for (std::size_t c = 0; c < d; ++c)
            centre(places.label[i], c) += static_cast<double>(x(i, c));
    }
    double pooled = 0.0;
    for (std::size_t s = 0; s < places.count; ++s)
        for (double& c : centre.row(s)) c /= count[s];
    for (std::size_t i = 0; i < x.rows(); ++i)
        for (std::size_t c = 0; c < d; ++c) {
            const double delta = static_cast<double>(x(i, c)) - centre(places.label[i], c);
            spread[places.label[i]] += delta * delta;
            pooled += delta * delta;
        }
    pooled /= static_cast<double>(x.size());
    for (std::size_t s = 0; s < places.count; ++s) {
        const double own =
            std::max(spread[s] / (count[s] * static_cast<double>(d)), pooled / 100.0);
        Splat splat;
        splat.centre.assign(centre.row(s).begin(), centre.row(s).end());
        splat.variance.assign(d, static_cast<float>(std::sqrt(own * pooled)));
        splat.beta = 8.0F / static_cast<float>(d);
        splat.age = 3;
        registry.add(splat);
    }
    return std::make_shared<const SplatRegistry>(std::move(registry));
}

double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

Run adapt(const Problem& problem, AdaptState state, std::size_t cycles,
          const AdaptSettings& settings, std::uint64_t seed, double limit) {
    std::vector<std::string> notes;
    const std::unique_ptr<Backend> backend = make_backend("auto", notes);
    const AdaptInput input{
        problem.dataset, problem.coordinates, problem.target, settings, seed, 1.0};
    Run run;
    const double begin = seconds();
    for (std::size_t cycle = 0; cycle < cycles && seconds() - begin < limit; ++cycle) {
        CycleResult result = adapt_cycle(*backend, input, state, Work{});
        run.splats.push_back(result.state.registry->size());
        run.row_kl.push_back(result.measures.row_kl);
        run.events.push_back(structural(result));
        run.by_kind.push_back(kinds(result));
        run.shift.push_back(result.measures.shift.value_or(0.0));
        state = std::move(result.state);
    }
    run.seconds = seconds() - begin;
    run.state = std::move(state);
    return run;
}

AdaptState begin(const Problem& problem, std::size_t k, const AdaptSettings& settings,
                 std::uint64_t seed) {
    std::vector<std::string> notes;
    const std::unique_ptr<Backend> backend = make_backend("auto", notes);
    const AdaptInput input{
        problem.dataset, problem.coordinates, problem.target, settings, seed, 1.0};
    return begin_adaptation(*backend, input, start(problem, k, seed), Work{}).state;
}

AdaptSettings preset(Preset which) {
    AdaptSettings settings;
    settings.preset = which;
    return settings;
}

double control(const Problem& problem, std::size_t k, double limit, std::uint64_t seed) {
    const Run run =
        adapt(problem, begin(problem, k, adjust_only(), seed), 100000, adjust_only(), seed, limit);
    return run.row_kl.back();
}

}  // namespace hsa_bench
