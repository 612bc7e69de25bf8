#include "engine/adapt/mend_parts.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/stratified.h"
#include "engine/model/key_mask.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace hsa {
namespace {

constexpr double kBackgroundShare = 1e-3;  // rulings.md "Background"
constexpr double kLeastOfBackground = 1e-6;
constexpr double kMostOfBackground = 0.5;
constexpr std::size_t kShareRows = 4096;

// Logits of all splats at rows that stand for the tokens, [rows, k], and the background's.
struct Logits {
    Matrix<float> splats;
    double background = -std::numeric_limits<double>::infinity();
};
Logits logits_of(const MendInput& bench, const SplatRegistry& registry) {
    const Coordinates visible = visible_coordinates(bench.input.coordinates);
    JointKernel kernel =
        joint_kernel(bench.backend, registry, visible, stratified_rows(visible.size(), kShareRows),
                     bench.input.temperature, bench.work);
    const std::vector<double> log_weight = registry.log_weights();
    for (std::size_t i = 0; i < kernel.log_kernel.rows(); ++i)
        for (std::size_t s = 0; s < registry.size(); ++s)
            kernel.log_kernel(i, s) += static_cast<float>(kernel.log_mass[s] + log_weight[s]);
    Logits logits{std::move(kernel.log_kernel)};
    if (registry.background_log_weight)
        logits.background =
            *registry.background_log_weight + std::log(static_cast<double>(visible.size()));
    return logits;
}

// ln of the sum over the splats of exp(logit).
double log_sum(std::span<const float> logits) {
    const auto most = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
    double sum = 0.0;
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - most);
    return most + std::log(sum);
}

Answers answers_of(const MendInput& bench, const SplatRegistry& registry) {
    Logits logits = logits_of(bench, registry);
    Answers answers;
    for (std::size_t i = 0; i < logits.splats.rows(); ++i) {
        const std::span<float> row = logits.splats.row(i);
        const double rest = log_sum(row);
        const double most = std::max(rest, logits.background);
        const double all =
            most + std::log(std::exp(rest - most) + std::exp(logits.background - most));
        for (float& p : row) p = static_cast<float>(std::exp(static_cast<double>(p) - all));
        answers.background.push_back(static_cast<float>(std::exp(logits.background - all)));
    }
    answers.p = std::move(logits.splats);
    return answers;
}

Proportions loud_ones(const MendInput& bench, const SplatRegistry& registry) {
    Proportions found;
    if (registry.size() == 0) return found;
    find_loud(
        registry, [&] { return answers_of(bench, registry); }, found);
    return found;
}

// What the background had in the last cycle, or kBackgroundShare.
double background_share(const SplatRegistry& registry) {
    const std::vector<double> usage = last_usage(registry);
    if (usage.empty()) return kBackgroundShare;
    const double rest = 1.0 - std::accumulate(usage.begin(), usage.end(), 0.0);
    return std::clamp(rest, kLeastOfBackground, kMostOfBackground);
}

// How far all ln amplitudes must fall for the background to have that share.
double background_shift(const MendInput& bench, const SplatRegistry& registry, double wanted) {
    const Logits logits = logits_of(bench, registry);
    std::vector<double> above;  // ln of what the splats have, over what the background has
    above.reserve(logits.splats.rows());
    for (std::size_t i = 0; i < logits.splats.rows(); ++i)
        above.push_back(log_sum(logits.splats.row(i)) - logits.background);
    double low = 0.0;
    double high = 200.0;
    for (int halving = 0; halving < 60; ++halving) {
        const double middle = 0.5 * (low + high);
        double share = 0.0;
        for (const double ln : above)
            share += 1.0 / (1.0 + std::exp(ln - middle)) / static_cast<double>(above.size());
        (share < wanted ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

}  // namespace

std::vector<Mended> mend_amplitudes(const MendInput& bench, SplatRegistry& registry) {
    std::vector<Mended> done;
    const Proportions found = loud_ones(bench, registry);
    const auto name = [&](std::size_t level) { return registry.hierarchy.levels[level].name; };
    for (const auto& [level, of] : by_level(found.amplitudes)) {
        double worst = 0.0;
        for (const StrangeSplat& splat : found.amplitudes)
            if (splat.level == level) worst = std::max(worst, splat.value);
        weigh_splats(bench, level, of.ids, registry);
        done.push_back({RepairKind::amplitudes,
                        level,
                        of.ids,
                        of.ids,
                        {{"ln_amplitude_above_median", worst, kMostLoudness},
                         {"share_of_level", found.taken, kMostTaken}},
                        fmt::format("{} repaired: an amplitude was {:.1e} times the level's median "
                                    "and took the level's attention; {} its former share again.",
                                    splats_text(of.ids, name(level)), std::exp(worst),
                                    of.ids.size() == 1 ? "it has" : "each has")});
    }
    // Levels as a whole, now that single splats are quiet.
    const Proportions levels = loud_ones(bench, registry);
    for (const std::size_t level : levels.loud_levels) {
        const std::vector<SplatId> ids = ids_of(registry, registry.rows_of_level(level));
        weigh_level(bench, level, registry);
        done.push_back({RepairKind::amplitudes,
                        static_cast<std::uint16_t>(level),
                        ids,
                        ids,
                        {{"ln_amplitude_above_levels", levels.level_loudness, kMostLevelLoudness}},
                        fmt::format("All {} splats of {} were repaired: their amplitudes were "
                                    "{:.1e} times those of the other levels (at most {:.0e} is "
                                    "sound); the level has its share of attention again.",
                                    ids.size(), name(level), std::exp(levels.level_loudness),
                                    std::exp(kMostLevelLoudness)),
                        true});
    }
    const Proportions all = loud_ones(bench, registry);
    if (!all.loud_registry || registry.size() == 0) return done;
    const double wanted = background_share(registry);
    const double by = background_shift(bench, registry, wanted);
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l) {
        const std::vector<SplatId> ids = ids_of(registry, registry.rows_of_level(l));
        shift_level(registry, l, -by);
        done.push_back(
            {RepairKind::amplitudes,
             static_cast<std::uint16_t>(l),
             ids,
             ids,
             {{"ln_amplitude_above_background", all.registry_loudness, kMostRegistryLoudness}},
             fmt::format("All {} splats of {} were repaired: amplitudes drowned the "
                         "background {:.1e} times over; they fell by a factor {:.1e}, "
                         "which leaves it {:.2g} of attention.",
                         ids.size(), name(l), std::exp(all.registry_loudness), std::exp(by),
                         wanted),
             true});
    }
    return done;
}

}  // namespace hsa
