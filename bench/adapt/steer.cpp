#include "bench/adapt/steer.h"

#include "bench/adapt/generators.h"
#include "bench/adapt/problem.h"
#include "engine/adapt/thresholds.h"
#include "engine/core/gather.h"

#include <fmt/core.h>

#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace hsa_bench {

using namespace hsa;

namespace {

constexpr std::size_t kTokens = 2048;
constexpr std::size_t kCycles = 60;
constexpr std::size_t kLate = 20;  // cycles before what is counted

// Every row of twice as many goes to one of two samples that are drawn alike.
std::pair<Problem, Problem> two_samples(std::uint64_t seed) {
    const Matrix<float> both = clusters(2 * kTokens, seed);
    std::vector<std::uint32_t> first(kTokens);
    std::iota(first.begin(), first.end(), 0U);
    std::vector<std::uint32_t> second(kTokens);
    std::iota(second.begin(), second.end(), static_cast<std::uint32_t>(kTokens));
    return {problem_of(gather_rows(both.view(), first)),
            problem_of(gather_rows(both.view(), second))};
}

void shift_rows() {
    fmt::print("   shift: z (6 is one) of a fresh sample, and of half of the clusters replaced\n");
    const AdaptSettings fast = preset(Preset::fast);
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const auto [one, other] = two_samples(seed);
        const Run settled = adapt(one, begin(one, 24, fast, seed), 10, fast, seed);
        const Problem moved = problem_of(clusters(kTokens, seed, true));
        const double fresh = adapt(other, settled.state, 1, fast, seed).shift.front();
        const double shifted = adapt(moved, settled.state, 1, fast, seed).shift.front();
        fmt::print(
            "   seed {}: fresh {:+.2f}, replaced {:+.1f}  {}\n", seed, fresh, shifted,
            std::abs(fresh) < fast.shift && std::abs(shifted) >= fast.shift ? "reached" : "MISSED");
    }
}

// Accepted events a cycle by kind, after the first cycles.
std::array<double, 4> accepted_late(const Run& run) {
    std::array<double, 4> counts{};
    for (std::size_t c = kLate; c < run.by_kind.size(); ++c)
        for (std::size_t kind = 0; kind < counts.size(); ++kind)
            counts[kind] += static_cast<double>(run.by_kind[c][kind]);
    for (double& count : counts) count /= static_cast<double>(run.by_kind.size() - kLate);
    return counts;
}

void row(const char* name, const Problem& problem, std::size_t from,
         const AdaptSettings& settings) {
    const Run run = adapt(problem, begin(problem, from, settings, 1), kCycles, settings, 1);
    const std::array<double, 4> late = accepted_late(run);
    const auto events = std::accumulate(run.events.begin(), run.events.end(), std::size_t{0});
    const auto& factor = run.state.thresholds.factor;
    fmt::print(
        "   {:<28} k {:>3}, W {:.4f}, {:>3} events, {:>5.2f} s; late, a cycle: death {:.2f} merge "
        "{:.2f} mitosis {:.2f} birth {:.2f}; factors {:.2f} {:.2f} {:.2f} {:.2f}\n",
        name, run.splats.back(), run.row_kl.back(), events, run.seconds, late[0], late[1], late[2],
        late[3], factor[0], factor[1], factor[2], factor[3]);
}

}  // namespace

void steer_table() {
    fmt::print("9. schedule, shift and thresholds, {} cycles at the story rates\n", kCycles);
    shift_rows();
    const std::vector<std::pair<std::string, std::pair<Problem, std::size_t>>> worlds = [] {
        std::vector<std::pair<std::string, std::pair<Problem, std::size_t>>> made;
        made.push_back({"tree from 12", {problem_of(tree(kTokens, 1)), 12}});
        made.push_back({"clusters from 96", {problem_of(clusters(kTokens, 1)), 96}});
        made.push_back({"band from 48", {problem_of(band(kTokens, 1)), 48}});
        return made;
    }();
    for (const auto& [name, world] : worlds) {
        fmt::print("   {}:\n", name);
        AdaptSettings settings = preset(Preset::story);
        row("as it is", world.first, world.second, settings);
        settings.every = 3;
        row("every 3", world.first, world.second, settings);
        settings.every = 1;
        settings.sparser = 0.1;
        row("sparser 0.1", world.first, world.second, settings);
        settings.sparser = 0.0;
        settings.thresholds = Thresholds::adaptive;
        row("adaptive (.5 .25 .5 .25)", world.first, world.second, settings);
        settings.target_death = settings.target_merge = settings.target_mitosis =
            settings.target_birth = 0.1;
        row("adaptive (.1 each)", world.first, world.second, settings);
    }
}

}  // namespace hsa_bench
