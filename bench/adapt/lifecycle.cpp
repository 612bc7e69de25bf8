#include "bench/adapt/lifecycle.h"

#include "bench/adapt/generators.h"
#include "bench/adapt/problem.h"
#include "engine/adapt/coverage.h"
#include "engine/adapt/initialise.h"
#include "engine/attention/factors.h"
#include "engine/compute/backend.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/random.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hsa_bench {

using namespace hsa;

namespace {

constexpr std::size_t kTokens = 2048;
constexpr std::size_t kCycles = 12;

std::unique_ptr<Backend> backend_of() {
    std::vector<std::string> notes;
    return make_backend("auto", notes);
}

// Clusters, of which every `one_in`-th row lies anywhere, as far from the middle as the others.
Matrix<float> with_strays(std::uint64_t seed, std::size_t one_in) {
    Matrix<float> x = clusters(kTokens, seed);
    Random random{seed + 77};
    for (std::size_t i = 0; i < x.rows(); i += one_in) {
        double length = 0.0;
        double own = 0.0;
        for (float& value : x.row(i)) {
            own += static_cast<double>(value) * static_cast<double>(value);
            value = static_cast<float>(random.normal());
            length += static_cast<double>(value) * static_cast<double>(value);
        }
        for (float& value : x.row(i)) value *= static_cast<float>(std::sqrt(own / length));
    }
    return x;
}

void births() {
    fmt::print(
        "   births without a target, 24 clusters of which one row in 10 is astray, from 6:\n");
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        Problem problem = problem_of(with_strays(seed, 10));
        problem.target = nullptr;
        const AdaptSettings settings = preset(Preset::story);
        const std::unique_ptr<Backend> backend = backend_of();
        const AdaptInput input{problem.dataset, problem.coordinates, nullptr, settings, seed, 1.0};
        AdaptState state = begin(problem, 6, settings, seed);
        const Matrix<float> members = clusters(kTokens, seed);
        const auto loss = [&](const Matrix<float>& of) {
            return coverage_loss(*backend, level_splats(*state.registry, 0), 1.0, of.view(), {});
        };
        const double before = loss(members);
        std::size_t tried = 0;
        std::size_t accepted = 0;
        for (std::size_t c = 0; c < kCycles; ++c) {
            CycleResult result = adapt_cycle(*backend, input, state, Work{});
            for (const Event& event : result.events) {
                if (event.kind != EventKind::birth) continue;
                ++tried;
                if (event.accepted) ++accepted;
            }
            state = std::move(result.state);
        }
        fmt::print(
            "   seed {}: minus log-coverage of the clusters {:.3f} -> {:.3f} (of all rows {:.3f}), "
            "k "
            "{}, {} of {} births accepted\n",
            seed, before, loss(members), loss(*problem.coordinates.levels[0]),
            state.registry->size(), accepted, tried);
    }
}

void remembered() {
    fmt::print("   a tree of four levels, topics, 40 cycles: splats whose parent changed\n");
    Problem problem = problem_of(topics(kTokens, 32, 3), 0.5);
    problem.coordinates.levels.resize(4, problem.coordinates.base);
    const std::unique_ptr<Backend> backend = backend_of();
    const Start start = initialise(*backend, problem.dataset, problem.coordinates,
                                   make_hierarchy(4, kTokens), {}, {}, Work{});
    for (const double memory : {0.0, 0.5, 0.9}) {
        AdaptSettings settings = preset(Preset::story);
        settings.path_memory = memory;
        const AdaptInput input{
            problem.dataset, problem.coordinates, problem.target, settings, 1, 1.0};
        AdaptState state =
            begin_adaptation(*backend, input, std::make_shared<const SplatRegistry>(start.registry),
                             Work{})
                .state;
        std::size_t turned = 0;
        std::size_t returned = 0;
        std::map<SplatId, std::set<SplatId>> had;
        const double from = seconds();
        for (std::size_t c = 0; c < 40; ++c) {
            CycleResult result = adapt_cycle(*backend, input, state, Work{});
            const SplatRegistry& now = *result.state.registry;
            for (std::size_t r = 0; r < now.size(); ++r)
                if (const auto old = state.registry->find(now.id[r]))
                    if (state.registry->parent[*old] != now.parent[r]) {
                        ++turned;
                        had[now.id[r]].insert(state.registry->parent[*old]);
                        if (had[now.id[r]].count(now.parent[r]) > 0) ++returned;
                    }
            state = std::move(result.state);
        }
        fmt::print(
            "   levels.memory {:.1f}: {} of {}, {} back to one they had had, {:.2f} s a cycle\n",
            memory, turned, state.registry->size(), returned, (seconds() - from) / 40.0);
    }
}

// A level of k splats of d dimensions with whole covariances, the costliest to factorise.
SplatRegistry many(std::size_t k, std::size_t d) {
    SplatRegistry registry;
    registry.hierarchy.levels = {{"Token", 1.0}};
    registry.dimension = d;
    Random random{5};
    Splat splat;
    splat.kind = CovarianceKind::full;
    splat.centre.assign(d, 0.0F);
    splat.variance.assign(d, 1.0F);
    splat.shape.assign(d * (d - 1) / 2, 0.01F);
    for (std::size_t s = 0; s < k; ++s) {
        for (float& value : splat.centre) value = static_cast<float>(random.normal());
        registry.add(splat);
    }
    return registry;
}

void cost() {
    constexpr std::size_t kSplats = 1024;
    constexpr std::size_t kDimensions = 64;
    constexpr std::size_t kEvents = 2000;
    const std::unique_ptr<Backend> backend = backend_of();
    SplatRegistry registry = many(kSplats, kDimensions);
    double from = seconds();
    const auto bound = bind_level(*backend, registry, 0, 1.0);
    const double factorise = seconds() - from;
    registry.remove(7);
    Splat changed = registry.splat(0);
    changed.variance[0] *= 1.5F;
    registry.add(changed);
    from = seconds();
    (void)bind_level(*backend, registry, 0, 1.0);
    const double again = seconds() - from;
    Matrix<float> x(4096, kDimensions);
    Random random{6};
    for (std::size_t e = 0; e < x.size(); ++e) x.data()[e] = static_cast<float>(random.normal());
    Matrix<float> out(x.rows(), kSplats);
    from = seconds();
    backend->log_kernel(*bound.bound, x.view(), out.view());
    const double pass = seconds() - from;
    const Splat one = registry.splat(0);
    from = seconds();
    for (std::size_t e = 0; e < kEvents; ++e) {
        registry.remove(registry.id[random.below(registry.size())]);
        registry.add(one);
    }
    const double each = (seconds() - from) / static_cast<double>(kEvents);
    fmt::print(
        "   k {}, d {}, covariance full, beside the kernel of 4,096 tokens ({:.2f} s): factorising "
        "all {:.1f} %, after a death and a birth {:.1f} %, the two themselves {:.3f} %\n",
        kSplats, kDimensions, pass, 100.0 * factorise / pass, 100.0 * again / pass,
        100.0 * each / pass);
}

}  // namespace

void lifecycle_table() {
    fmt::print("10. births, deaths and paths\n");
    births();
    remembered();
    cost();
}

}  // namespace hsa_bench
