#include "bench/adapt/recover.h"

#include "bench/adapt/generators.h"
#include "bench/adapt/problem.h"
#include "engine/adapt/initialise.h"
#include "engine/adapt/measures.h"
#include "engine/attention/factors.h"
#include "engine/compute/backend.h"
#include "engine/core/random.h"
#include "engine/recover/report.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hsa_bench {

using namespace hsa;

namespace {

constexpr std::size_t kCycles = 20;
constexpr double kAllowed = 1.05;

// Four levels of splats as the program makes them, on coordinates that all levels share.
struct World {
    std::string name;
    Problem problem;
    AdaptState state;
    std::shared_ptr<const History> history;
};

World world_of(std::string name, Matrix<float> x, double scale) {
    World world{std::move(name), problem_of(std::move(x), scale), {}, nullptr};
    Problem& problem = world.problem;
    problem.coordinates.levels.resize(4, problem.coordinates.base);
    const std::size_t n = problem.coordinates.size();
    std::vector<std::string> notes;
    const std::unique_ptr<Backend> backend = make_backend("auto", notes);
    const Start start = initialise(*backend, problem.dataset, problem.coordinates,
                                   make_hierarchy(4, n), {}, {}, Work{});
    const AdaptInput input{
        problem.dataset, problem.coordinates, problem.target, preset(Preset::story), 1, 1.0};
    CycleResult result = begin_adaptation(
        *backend, input, std::make_shared<const SplatRegistry>(start.registry), Work{});
    const auto history = std::make_shared<History>();
    for (std::int32_t cycle = 0; cycle <= 10; ++cycle) {
        if (cycle > 0) result = adapt_cycle(*backend, input, result.state, Work{});
        const auto kept = std::make_shared<Cycle>();
        kept->number = cycle;
        kept->events = result.events;
        kept->measures = result.measures;
        history->cycles.push_back(kept);
    }
    world.state = result.state;
    world.history = history;
    return world;
}

HealthReport check(const World& world, const SplatRegistry& registry, bool attention) {
    std::vector<std::string> notes;
    const std::unique_ptr<Backend> backend = make_backend("auto", notes);
    Snapshot snapshot;
    snapshot.registry = std::make_shared<const SplatRegistry>(registry);
    snapshot.coordinates = std::make_shared<const Coordinates>(world.problem.coordinates);
    snapshot.history = world.history;
    snapshot.cycle = world.history->last();
    if (attention) {
        const Factors factors =
            compute_factors(*backend, registry, world.problem.coordinates, {}, Work{});
        snapshot.measures = std::make_shared<const Measures>(
            measure(factors, registry, *backend, world.problem.coordinates,
                    world.problem.target.get(), {}, Work{}));
        snapshot.factors = std::make_shared<const Factors>(factors);
    }
    return check_snapshot(snapshot, {}, *backend, Work{});
}

struct Damage {
    const char* name;
    FindingKind kind;
    bool attention;  // it can be computed of the damaged splats
    std::function<void(SplatRegistry&)> act;
};

std::vector<Damage> damages() {
    const auto share = [](const SplatRegistry& registry, double of) {
        return std::max<std::size_t>(
            1, static_cast<std::size_t>(of * static_cast<double>(registry.size())));
    };
    constexpr float kLoud = 27.631F;  // ln 1e12
    return {
        {"scrambled parents", FindingKind::orphans, true,
         [](SplatRegistry& registry) {
             Random random{11};
             for (std::size_t row = 0; row < registry.size(); ++row) {
                 const std::size_t above = registry.level[row] + std::size_t{1};
                 if (above >= registry.hierarchy.size()) continue;
                 const auto rows = registry.rows_of_level(above);
                 registry.parent[row] = registry.id[rows[random.below(rows.size())]];
             }
         }},
        {"parents that are none", FindingKind::orphans, true,
         [share](SplatRegistry& registry) {
             Random random{12};
             for (std::size_t k = 0; k < share(registry, 0.2); ++k) {
                 const std::size_t row = random.below(registry.count(0));
                 registry.parent[row] = k % 2 == 0 ? 1000000U : registry.id[row];
             }
         }},
        {"NaN in 5 % of the covariances", FindingKind::numbers, false,
         [share](SplatRegistry& registry) {
             Random random{13};
             for (std::size_t k = 0; k < share(registry, 0.05); ++k)
                 for (float& v : registry.gaussians.variance.row(random.below(registry.size())))
                     v = std::numeric_limits<float>::quiet_NaN();
         }},
        {"amplitudes x 1e12 in 5 % of the splats", FindingKind::configuration, true,
         [share](SplatRegistry& registry) {
             Random random{14};
             for (std::size_t k = 0; k < share(registry, 0.05); ++k)
                 registry.log_amplitude[random.below(registry.size())] += kLoud;
         }},
        {"amplitudes x 1e12 in all of a level", FindingKind::configuration, true,
         [](SplatRegistry& registry) {
             for (const std::size_t row : registry.rows_of_level(1))
                 registry.log_amplitude[row] += kLoud;
         }},
        {"amplitudes x 1e12 in all splats", FindingKind::configuration, true,
         [](SplatRegistry& registry) {
             for (float& w : registry.log_amplitude) w += kLoud;
         }},
        {"widths x 1e8 in 5 % of the splats", FindingKind::configuration, true,
         [share](SplatRegistry& registry) {
             Random random{15};
             for (std::size_t k = 0; k < share(registry, 0.05); ++k)
                 for (float& v : registry.gaussians.variance.row(random.below(registry.size())))
                     v *= 1e8F;
         }},
        {"an emptied level", FindingKind::empty_level, false,
         [](SplatRegistry& registry) {
             while (registry.count(1) > 0)
                 registry.drop(registry.id[registry.rows_of_level(1).front()]);
         }},
    };
}

void print_checks(const World& world) {
    const HealthReport report = check(world, *world.state.registry, true);
    fmt::print("   {}, n = {}, {} splats, undamaged: {} findings; nearest to a limit:", world.name,
               world.problem.coordinates.size(), world.state.registry->size(),
               report.findings.size());
    for (const Finding& finding : report.findings) fmt::print(" [{}]", finding.text);
    fmt::print("\n");
    for (const Check& check : report.checks)
        if (check.limit != 0.0)
            fmt::print("      {:<70} {:>10.3g}  {} {:.3g}\n", check.name, check.value,
                       check.at_least ? ">=" : "<=", check.limit);
}

void repair_table(const World& world) {
    AdaptSettings settings = preset(Preset::story);
    settings.repair = AutomaticRepair::all;
    const Run sound = adapt(world.problem, world.state, kCycles, settings, 1);
    for (const Damage& damage : damages()) {
        SplatRegistry registry = *world.state.registry;
        damage.act(registry);
        const HealthReport report = check(world, registry, damage.attention);
        std::set<std::string> found;
        for (const Finding& finding : report.findings) found.insert(name_of(finding.kind));
        std::string kinds;
        for (const std::string& kind : found) kinds += " " + kind;
        AdaptState state = world.state;
        state.registry = std::make_shared<const SplatRegistry>(registry);
        std::vector<std::string> notes;
        const std::unique_ptr<Backend> backend = make_backend("auto", notes);
        const AdaptInput input{world.problem.dataset,
                               world.problem.coordinates,
                               world.problem.target,
                               settings,
                               1,
                               1.0};
        const CycleResult first = adapt_cycle(*backend, input, state, Work{});
        const auto repairs =
            std::count_if(first.events.begin(), first.events.end(),
                          [](const Event& e) { return e.kind == EventKind::repair; });
        const Run run = adapt(world.problem, first.state, kCycles - 1, settings, 1);
        const double ratio = run.row_kl.back() / sound.row_kl.back();
        const bool good = found.count(name_of(damage.kind)) > 0 && repairs > 0 && ratio <= kAllowed;
        fmt::print(
            "   {:<40} found:{:<40} {:>3} repairs, W {:.4f} (undamaged {:.4f}, x {:.3f})  {}\n",
            damage.name, kinds, repairs, run.row_kl.back(), sound.row_kl.back(), ratio,
            good ? "reached" : "MISSED");
    }
}

}  // namespace

void recover_table() {
    fmt::print(
        "8. damage found, named and repaired (recover.automatic all): row-KL within 1.05 x the "
        "undamaged after {} cycles\n",
        kCycles);
    std::vector<World> worlds;
    worlds.push_back(world_of("topics", topics(2048, 32, 9), 1.0 / std::sqrt(32.0)));
    worlds.push_back(world_of("tree", tree(2048, 1), 1.0));
    worlds.push_back(world_of("clusters", clusters(2048, 1), 1.0));
    worlds.push_back(world_of("band", band(2048, 1), 1.0));
    for (const World& world : worlds) print_checks(world);
    for (const World& world : worlds) {
        fmt::print("   {}:\n", world.name);
        repair_table(world);
    }
}

}  // namespace hsa_bench
