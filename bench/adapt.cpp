// The rows of "To reach" (adaptation.md) on data with a known number of splats: prints what was
// found beside what is wanted. Usage: adapt [clusters|tree|band|long|damage|story|speed|recover|
// steer|lifecycle]... (all when none), adapt texts FILE..., adapt heads MODEL TEXT, adapt scale
// [EXPONENT] (2^20 tokens: four minutes and 3.2 GB on two cores).

#include "bench/adapt/at_scale.h"
#include "bench/adapt/generators.h"
#include "bench/adapt/lifecycle.h"
#include "bench/adapt/problem.h"
#include "bench/adapt/pruned_heads.h"
#include "bench/adapt/recover.h"
#include "bench/adapt/steer.h"
#include "bench/adapt/texts.h"
#include "bench/guarded.h"
#include "engine/attention/factors.h"
#include "engine/compute/backend.h"
#include "engine/core/random.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

namespace {

using namespace hsa;
using namespace hsa_bench;

const char* mark(bool good) { return good ? "reached" : "MISSED"; }

void clusters_table() {
    fmt::print(
        "1. 24 clusters, n = 2048, fast: k in 23..25 within 10 (from 6) and 25 (from 96) cycles, W "
        "<= .09\n");
    for (const std::size_t from : {std::size_t{6}, std::size_t{96}}) {
        const std::size_t cycles = from == 6 ? 10 : 25;
        for (std::uint64_t seed = 1; seed <= 5; ++seed) {
            const Problem problem = problem_of(clusters(2048, seed));
            const AdaptSettings fast = preset(Preset::fast);
            const Run run = adapt(problem, begin(problem, from, fast, seed), cycles, fast, seed);
            const std::size_t k = run.splats.back();
            const double other = control(problem, k, run.seconds, seed);
            fmt::print("   from {:>3}, seed {}: k {:>3}, W {:.4f} (control {:.4f}), {:.1f} s  {}\n",
                       from, seed, k, run.row_kl.back(), other, run.seconds,
                       mark(k >= 23 && k <= 25 && run.row_kl.back() <= 0.09));
        }
    }
}

void tree_table() {
    fmt::print(
        "2. tree of 48, n = 2048, fast: within 60 cycles W <= .065 from 12, <= .055 from 192, <= "
        ".7 of control\n");
    for (const std::size_t from : {std::size_t{12}, std::size_t{192}}) {
        for (std::uint64_t seed = 1; seed <= 2; ++seed) {
            const Problem problem = problem_of(tree(2048, seed));
            const AdaptSettings fast = preset(Preset::fast);
            const Run run = adapt(problem, begin(problem, from, fast, seed), 60, fast, seed);
            const double other = control(problem, run.splats.back(), run.seconds, seed);
            const double limit = from == 12 ? 0.065 : 0.055;
            const double w = run.row_kl.back();
            fmt::print(
                "   from {:>3}, seed {}: k {:>3}, W {:.4f} (control {:.4f}, ratio {:.2f}), {:.1f} "
                "s  {}\n",
                from, seed, run.splats.back(), w, other, w / other, run.seconds,
                mark(w <= limit && w <= 0.7 * other));
        }
    }
}

void band_table() {
    fmt::print("   band + copies, n = 2048, fast, 60 cycles (the prototype: .159 against .188)\n");
    for (const std::size_t from : {std::size_t{24}, std::size_t{96}}) {
        const Problem problem = problem_of(band(2048, 1));
        const AdaptSettings fast = preset(Preset::fast);
        const Run run = adapt(problem, begin(problem, from, fast, 1), 60, fast, 1);
        const double other = control(problem, run.splats.back(), run.seconds, 1);
        fmt::print("   from {:>3}: k {:>3}, W {:.4f} (control {:.4f}), {:.1f} s\n", from,
                   run.splats.back(), run.row_kl.back(), other, run.seconds);
    }
}

void long_table() {
    fmt::print(
        "3. 300 cycles: after cycle 50 at most 5 events, k within +-1, W <= 1.05 x its best\n");
    for (const bool leaves : {false, true}) {
        const Problem problem = problem_of(leaves ? tree(2048, 1) : clusters(2048, 1));
        const AdaptSettings story = preset(Preset::story);
        const Run run = adapt(problem, begin(problem, leaves ? 48 : 24, story, 1), 300, story, 1);
        const auto after = static_cast<std::ptrdiff_t>(50);
        const std::size_t events =
            std::accumulate(run.events.begin() + after, run.events.end(), std::size_t{0});
        const auto [least, most] =
            std::minmax_element(run.splats.begin() + after, run.splats.end());
        double best = std::numeric_limits<double>::infinity();
        double worst = 0.0;
        for (std::size_t c = 0; c < run.row_kl.size(); ++c) {
            best = std::min(best, run.row_kl[c]);
            if (c >= 50) worst = std::max(worst, run.row_kl[c] / best);
        }
        fmt::print("   {}: {} events, k {}..{}, W {:.4f}, worst / best {:.3f}, {:.1f} s  {}\n",
                   leaves ? "tree" : "clusters", events, *least, *most, run.row_kl.back(), worst,
                   run.seconds, mark(events <= 5 && *most - *least <= 2 && worst <= 1.05));
    }
}

// The first cycle (counted from 1) whose W is at most `limit`; 0 when none is.
std::size_t back_within(const Run& run, double limit) {
    for (std::size_t c = 0; c < run.row_kl.size(); ++c)
        if (run.row_kl[c] <= limit) return c + 1;
    return 0;
}

void damage_table() {
    fmt::print(
        "4. damage, clusters, fast: 30 % killed, scrambled, one NaN back within 1.05 W in 20, 20, "
        "5 cycles; half\n"
        "   of the clusters replaced: within 1.15 x a fresh start's W in 10\n");
    const AdaptSettings fast = preset(Preset::fast);
    const Problem problem = problem_of(clusters(2048, 1));
    const Run settled = adapt(problem, begin(problem, 24, fast, 1), 40, fast, 1);
    const double limit = 1.05 * settled.row_kl.back();
    const auto damaged = [&](const char* what, std::size_t wanted, auto&& damage) {
        AdaptState state = settled.state;
        SplatRegistry registry = *state.registry;
        damage(registry);
        state.registry = std::make_shared<const SplatRegistry>(std::move(registry));
        const Run run = adapt(problem, state, 40, fast, 1);
        const std::size_t back = back_within(run, limit);
        fmt::print("   {}: W {:.4f} settled, {:.4f} after one cycle, back after {} cycles  {}\n",
                   what, settled.row_kl.back(), run.row_kl.front(), back,
                   mark(back > 0 && back <= wanted));
    };
    damaged("30 % killed", 20, [](SplatRegistry& registry) {
        Random random{7};
        const std::size_t kill = registry.size() * 3 / 10;
        for (std::size_t k = 0; k < kill; ++k)
            registry.remove(registry.id[random.below(registry.size())]);
    });
    damaged("scrambled (widths and weights dealt out anew)", 20, [](SplatRegistry& registry) {
        Random random{8};
        for (std::size_t s = registry.size() - 1; s > 0; --s) {
            const std::size_t other = random.below(s + 1);
            const std::size_t third = random.below(s + 1);
            for (std::size_t a = 0; a < registry.dimension; ++a)
                std::swap(registry.gaussians.variance(s, a), registry.gaussians.variance(other, a));
            std::swap(registry.log_amplitude[s], registry.log_amplitude[third]);
        }
    });
    damaged("shaken (centres moved by .6 of the data's deviation)", 20,
            [](SplatRegistry& registry) {
                Random random{8};
                for (std::size_t s = 0; s < registry.size(); ++s)
                    for (float& c : registry.gaussians.centre.row(s))
                        c += static_cast<float>(0.5 * random.normal());
            });
    damaged("one NaN", 5, [](SplatRegistry& registry) {
        registry.gaussians.centre(3, 2) = std::numeric_limits<float>::quiet_NaN();
    });
    const Problem shifted = problem_of(clusters(2048, 1, true));
    const Run fresh = adapt(shifted, begin(shifted, 24, fast, 1), 40, fast, 1);
    const Run moved = adapt(shifted, settled.state, 20, fast, 1);
    const std::size_t back = back_within(moved, 1.15 * fresh.row_kl.back());
    fmt::print(
        "   shift: z {:.1f}, W {:.4f} after one cycle, fresh {:.4f}, within 1.15 after {} cycles  "
        "{}\n",
        moved.shift.front(), moved.row_kl.front(), fresh.row_kl.back(), back,
        mark(back > 0 && back <= 10));
}

void story_table() {
    fmt::print(
        "5. story rates, tree from 12: 1-4 accepted events a cycle in the first 10, at most 10 in "
        "cycles 20-40\n");
    const Problem problem = problem_of(tree(2048, 1));
    const AdaptSettings story = preset(Preset::story);
    const Run run = adapt(problem, begin(problem, 12, story, 1), 40, story, 1);
    fmt::print("   events a cycle:");
    for (const std::size_t count : run.events) fmt::print(" {}", count);
    const bool readable = std::all_of(run.events.begin(), run.events.begin() + 10,
                                      [](std::size_t count) { return count >= 1 && count <= 4; });
    const std::size_t late =
        std::accumulate(run.events.begin() + 20, run.events.end(), std::size_t{0});
    fmt::print("\n   {} in cycles 20-40, k {}, W {:.4f}  {}\n", late, run.splats.back(),
               run.row_kl.back(), mark(readable && late <= 10));
}

void speed_table() {
    fmt::print(
        "7. one cycle at n = 12000, k = 175 in four levels, d = 64, story: wanted .5 s on two "
        "cores\n");
    constexpr std::size_t kTokens = 12000;
    constexpr std::size_t kDimension = 64;
    Problem problem = problem_of(topics(kTokens, kDimension, 9),
                                 1.0 / std::sqrt(static_cast<double>(kDimension)));
    problem.coordinates.levels.resize(4, problem.coordinates.base);
    SplatRegistry registry;
    registry.dimension = kDimension;
    registry.hierarchy = make_hierarchy(4, kTokens);
    registry.background_log_weight = -6.0;
    const std::vector<std::size_t> counts = {100, 50, 20, 5};
    for (std::size_t l = 0; l < counts.size(); ++l) {
        const auto part = start(problem, counts[l], l);
        for (std::size_t row = 0; row < part->size(); ++row) {
            Splat splat = part->splat(row);
            splat.level = static_cast<std::uint16_t>(l);
            registry.add(splat);
        }
    }
    std::vector<std::string> notes;
    const std::unique_ptr<Backend> backend = make_backend("auto", notes);
    const AdaptInput input{
        problem.dataset, problem.coordinates, problem.target, preset(Preset::story), 1, 1.0};
    AdaptState state =
        begin_adaptation(*backend, input, std::make_shared<const SplatRegistry>(registry), Work{})
            .state;
    // A forward pass: factors and O = P (K V) for all n at v = d.
    double pass = std::numeric_limits<double>::infinity();
    for (int repeat = 0; repeat < 3; ++repeat) {
        const double from = seconds();
        (void)compute_factors(*backend, registry, problem.coordinates, {}, Work{});
        pass = std::min(pass, seconds() - from);
    }
    double best = std::numeric_limits<double>::infinity();
    double best_cpu = best;
    for (int cycle = 0; cycle < 6; ++cycle) {
        const double from = seconds();
        const std::clock_t cpu = std::clock();
        state = adapt_cycle(*backend, input, state, Work{}).state;
        best = std::min(best, seconds() - from);
        best_cpu = std::min(best_cpu, static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC);
        fmt::print("   {:.3f} s", seconds() - from);
    }
    // Processor seconds tell a slow cycle from a busy machine.
    fmt::print("\n   best {:.3f} s, {:.3f} processor seconds; factors alone {:.3f} s  {}\n", best,
               best_cpu, pass, mark(best <= 0.5));
}

}  // namespace

int main(int argc, char** argv) {
    return guarded("adapt", [&] {
        const std::vector<std::string> wanted(argv + 1, argv + argc);
        const auto asked = [&](const char* name) {
            return wanted.empty() || std::find(wanted.begin(), wanted.end(), name) != wanted.end();
        };
        if (!wanted.empty() && wanted[0] == "scale") {
            at_scale_table(wanted.size() > 1 ? std::stoul(wanted[1]) : 20);
            return;
        }
        const std::vector<std::string> rest(wanted.begin() + (wanted.empty() ? 0 : 1),
                                            wanted.end());
        if (!wanted.empty() && wanted[0] == "heads") {
            pruned_heads_table(rest);
            return;
        }
        if (!wanted.empty() && wanted[0] == "texts") {
            if (rest.empty()) fail("Usage: adapt texts FILE...: name at least one text.");
            texts_table(rest);
            return;
        }
        if (asked("clusters")) clusters_table();
        if (asked("tree")) tree_table();
        if (asked("band")) band_table();
        if (asked("long")) long_table();
        if (asked("damage")) damage_table();
        if (asked("story")) story_table();
        if (asked("speed")) speed_table();
        if (asked("recover")) recover_table();
        if (asked("steer")) steer_table();
        if (asked("lifecycle")) lifecycle_table();
    });
}
