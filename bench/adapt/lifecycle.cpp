#include "bench/adapt/lifecycle.h"

#include "bench/adapt/generators.h"
#include "bench/adapt/problem.h"
#include "engine/adapt/initialise.h"
#include "engine/attention/factors.h"
#include "engine/compute/backend.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/random.h"

#include <fmt/core.h>

#include <algorithm>
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

std::unique_ptr<Backend> backend_of() {
    std::vector<std::string> notes;
    return make_backend("auto", notes);
}

// Clusters that share a splat: structure is due in every twelfth cycle alone.
void dense_regions() {
    fmt::print(
        "   24 clusters from 12 splats, adapt.every 12, 12 cycles: structure by adapt.density\n");
    for (const double density : {0.0, 0.05}) {
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            const Problem problem = problem_of(clusters(kTokens, seed));
            AdaptSettings settings = preset(Preset::fast);
            settings.every = 12;
            settings.density = density;
            const Run run = adapt(problem, begin(problem, 12, settings, seed), 12, settings, seed);
            const auto tried = static_cast<std::size_t>(
                std::count_if(run.events.begin(), run.events.end(),
                              [](std::size_t events) { return events > 0; }));
            fmt::print("   adapt.density {:.2f}, seed {}: {} cycles with events, k {}, W {:.4f}\n",
                       density, seed, tried, run.splats.back(), run.row_kl.back());
        }
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
    fmt::print("10. dense regions, paths, and what a birth and a death cost\n");
    dense_regions();
    remembered();
    cost();
}

}  // namespace hsa_bench
