#include "bench/adapt/at_scale.h"

#include "bench/adapt/generators.h"
#include "bench/adapt/problem.h"
#include "engine/adapt/cycle_context.h"
#include "engine/adapt/level_attention.h"
#include "engine/attention/factors.h"
#include "engine/compute/backend.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

namespace hsa_bench {
namespace {

using namespace hsa;

constexpr std::size_t kDimension = 64;
constexpr std::size_t kStartRows = std::size_t{1} << 16U;

// Splats that k-means finds on the first rows.
SplatRegistry registry_of(const Matrix<float>& x) {
    Matrix<float> first(std::min(kStartRows, x.rows()), x.cols());
    for (std::size_t i = 0; i < first.rows(); ++i)
        std::copy(x.row(i).begin(), x.row(i).end(), first.row(i).begin());
    const Problem problem = problem_of(std::move(first));
    SplatRegistry registry;
    registry.dimension = kDimension;
    registry.hierarchy = make_hierarchy(4, x.rows());
    registry.background_log_weight = -6.0;
    constexpr std::array<std::size_t, 4> kCounts = {640, 256, 96, 32};
    for (std::size_t l = 0; l < kCounts.size(); ++l) {
        const auto part = start(problem, kCounts[l], l);
        for (std::size_t row = 0; row < part->size(); ++row) {
            Splat splat = part->splat(row);
            splat.level = static_cast<std::uint16_t>(l);
            registry.add(splat);
        }
    }
    return registry;
}

// KL(T | A_l) on the rows V by the columns of a cycle.
double sampled_kl(const CycleContext& context, const LevelSplats& splats) {
    const auto bound = bind(context.backend, splats, context.input.temperature);
    const LevelKeys keys = level_keys(context.backend, *bound, context.columns.x[splats.level],
                                      context.columns.log_weight);
    const Matrix<float> rows = context.coordinates(splats.level, context.rows.probe);
    const LevelQueries queries = level_queries(context.backend, *bound, splats.log_weight,
                                               keys.log_mass, context.background, rows.view());
    const Matrix<float> target = context.target(context.rows.probe);
    return mean(row_divergence(keys, queries, target.view()));
}

}  // namespace

void at_scale_table(std::size_t exponent) {
    const std::size_t n = std::size_t{1} << exponent;
    fmt::print(
        "9. A cycle at n = {} = 2^{}, k = 1024, d = {}, story: at most 3 full passes; the KL of "
        "drawn "
        "columns within 2 % of the full one\n",
        n, exponent, kDimension);
    Matrix<float> x = topics(n, kDimension, 1);
    const SplatRegistry registry = registry_of(x);
    Problem problem = problem_of(std::move(x), 1.0 / std::sqrt(double{kDimension}));
    problem.coordinates.levels.resize(4, problem.coordinates.base);
    std::vector<std::string> notes;
    const std::unique_ptr<Backend> backend = make_backend("auto", notes);
    AdaptInput input{
        problem.dataset, problem.coordinates, problem.target, preset(Preset::story), 1, 1.0};
    input.storage = Storage::logarithmic;  // float32 would take 8 GiB at 2^20
    const FactorOptions options{1.0, 0, {}, false, input.storage};
    const double from = seconds();
    (void)compute_factors(*backend, registry, problem.coordinates, options, Work{});
    const double pass = seconds() - from;
    AdaptState state =
        begin_adaptation(*backend, input, std::make_shared<const SplatRegistry>(registry), Work{})
            .state;
    for (int cycle = 0; cycle < 3; ++cycle) {
        const double began = seconds();
        state = adapt_cycle(*backend, input, state, Work{}).state;
        const double taken = seconds() - began;
        fmt::print("   a pass {:.1f} s, a cycle {:.1f} s: {:.2f} passes  {}\n", pass, taken,
                   taken / pass, taken <= 3.0 * pass ? "reached" : "MISSED");
    }
    const Work work;  // the context keeps a reference
    const CycleContext context(*backend, input, *state.registry, state.cycle + 1, work);
    for (std::size_t l = 0; l < state.registry->hierarchy.size(); ++l) {
        const LevelSplats splats = level_splats(*state.registry, l);
        const double full = context.probe_kl(splats);
        const double drawn = sampled_kl(context, splats);
        fmt::print("   {}: KL of {} columns {:.4f}, of all {:.4f}: {:+.2f} %  {}\n",
                   state.registry->hierarchy.levels[l].name, context.columns.size(), drawn, full,
                   100.0 * (drawn / full - 1.0),
                   std::abs(drawn / full - 1.0) <= 0.02 ? "reached" : "MISSED");
    }
}

}  // namespace hsa_bench
