#include "engine/recover/detect.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace hsa {
namespace {

constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;

// A setting beside what is still sensible.
struct Limit {
    const char* setting;
    double value;
    double least, most;
    const char* why;  // completes "NAME is VALUE: "
};

void hold_settings(const CheckSettings& settings, double splats_a_token, double masked_share,
                   Findings& found) {
    const AdaptSettings& a = settings.adapt;
    constexpr double kNone = 1e300;
    const Limit limits[] = {
        {"attention.temperature", settings.attention.temperature, 0.05, 20.0,
         "attention is one splat, or flat, whatever the splats are"},
        {"attention.threshold", settings.attention.threshold, 0.0, 0.5,
         "no more than one column of a row can pass"},
        {"adapt.learning_rate", a.learning_rate, 0.0, 0.3,
         "steps as long as the data are wide are undone each time"},
        {"adapt.lambda", a.lambda, 0.0, 0.05, "no splat can earn what it costs"},
        {"adapt.trial_rows", static_cast<double>(a.trial_rows), 24.0, kNone,
         "so few rows decide nothing"},
        {"adapt.probe_rows", static_cast<double>(a.probe_rows), 32.0, kNone,
         "so few rows check nothing"},
        {"splats a token", splats_a_token, 0.0, 0.5,
         "splats that hold a token or two each say nothing that the tokens do not"},
        {"masked share of tokens", masked_share, 0.0, 0.95, "next to nothing is left to attend to"},
    };
    for (const Limit& limit : limits) {
        const bool low = limit.value < limit.least;
        const double bound = low || limit.most == kNone ? limit.least : limit.most;
        found.checks.push_back({FindingKind::configuration, limit.setting, limit.value, bound,
                                low || limit.most == kNone});
        if (!low && limit.value <= limit.most) continue;
        const bool setting = std::string_view(limit.setting).find('.') != std::string_view::npos;
        found.findings.push_back(
            {FindingKind::configuration,
             Severity::warning,
             {"", {}, {}, limit.setting},
             {{limit.setting, limit.value, bound}},
             fmt::format("{} is {:.3g}: {}.", limit.setting, limit.value, limit.why),
             setting ? fmt::format("reset {}", limit.setting) : ""});
    }
}

void hold_levels(const SplatRegistry& registry, const LevelMask& mask, Findings& found) {
    const auto heard = [&](const Level& level) {
        const auto named = [&](const std::vector<std::string>& names) {
            return std::find(names.begin(), names.end(), level.name) != names.end();
        };
        return level.weight > 0.0 && !named(mask.muted) && (mask.solo.empty() || named(mask.solo));
    };
    const auto& levels = registry.hierarchy.levels;
    const auto count = static_cast<double>(std::count_if(levels.begin(), levels.end(), heard));
    found.checks.push_back({FindingKind::configuration, "levels that are heard", count, 1.0, true});
    if (count < 1.0)
        found.findings.push_back({FindingKind::configuration,
                                  Severity::warning,
                                  {"", {}, {}, "attention.level"},
                                  {{"levels", count, 1.0}},
                                  "Every level is muted: attention is the background's alone.",
                                  ""});
}

void hold_proportions(const SplatRegistry& registry, const Proportions& p, Findings& found) {
    const auto place = [&](const std::vector<StrangeSplat>& strange) {
        FindingPlace at;
        at.stage = "adapt";
        std::set<std::uint16_t> levels;
        for (const StrangeSplat& splat : strange) {
            at.splats.push_back(splat.id);
            levels.insert(splat.level);
        }
        std::sort(at.splats.begin(), at.splats.end());
        if (levels.size() == 1) at.level = registry.hierarchy.levels[*levels.begin()].name;
        return at;
    };
    const auto number = [](std::size_t count) {
        return fmt::format("{} splat{}", count, count == 1 ? "" : "s");
    };
    found.checks.push_back(
        {FindingKind::configuration, "widest splat over the data", p.widest, kMostWidth});
    found.checks.push_back({FindingKind::configuration, "narrowest splat over the data",
                            p.narrowest, p.narrowest > 0.0 ? kLeastWidth : 0.0, true});
    if (!p.widths.empty())
        found.findings.push_back(
            {FindingKind::configuration,
             Severity::fault,
             place(p.widths),
             {{"widest", p.widest, kMostWidth}, {"narrowest", p.narrowest, kLeastWidth}},
             fmt::format("{} {} a variance {} that of the data: {} no token from another.",
                         number(p.widths.size()), p.widths.size() == 1 ? "has" : "have",
                         p.widest > kMostWidth ? fmt::format("{:.1e} times", p.widest)
                                               : fmt::format("{:.1e} of", p.narrowest),
                         p.widths.size() == 1 ? "it tells" : "they tell"),
             "recover.repair widths"});
    found.checks.push_back(
        {FindingKind::configuration, "loud splats' share of a level", p.taken, kMostTaken});
    if (!p.amplitudes.empty())
        found.findings.push_back(
            {FindingKind::configuration,
             Severity::fault,
             place(p.amplitudes),
             {{"ln_amplitude_above_median", p.loudness, kMostLoudness},
              {"share_of_level", p.taken, kMostTaken}},
             fmt::format("{} {} an amplitude up to {:.1e} times the median of {} level and {:.1f} "
                         "% of its attention.",
                         number(p.amplitudes.size()), p.amplitudes.size() == 1 ? "has" : "have",
                         std::exp(p.loudness), p.amplitudes.size() == 1 ? "its" : "their",
                         100.0 * p.taken),
             "recover.repair amplitudes"});
    found.checks.push_back({FindingKind::configuration, "loud level's share of attention",
                            p.taken_by_level, kMostTakenByLevel});
    for (const std::size_t level : p.loud_levels)
        found.findings.push_back(
            {FindingKind::configuration,
             Severity::fault,
             {registry.hierarchy.levels[level].name, {}, {}, "adapt"},
             {{"ln_amplitude_above_levels", p.level_loudness, kMostLevelLoudness},
              {"share_of_attention", p.taken_by_level, kMostTakenByLevel}},
             fmt::format("The amplitudes of {} are {:.1e} times those of the other levels: it has "
                         "all attention.",
                         registry.hierarchy.levels[level].name, std::exp(p.level_loudness)),
             "recover.repair amplitudes"});
    if (!registry.background_log_weight) return;
    found.checks.push_back({FindingKind::configuration, "background's share, if drowned",
                            p.background, kLeastBackground, true});
    if (p.loud_registry)
        found.findings.push_back(
            {FindingKind::configuration,
             Severity::fault,
             {"", {}, {}, "adapt"},
             {{"ln_amplitude_above_background", p.registry_loudness, kMostRegistryLoudness},
              {"background_share", p.background, kLeastBackground}},
             fmt::format("Amplitudes are {:.1e} times the background's: it keeps nothing from "
                         "being zero.",
                         std::exp(p.registry_loudness)),
             "recover.repair amplitudes"});
}

}  // namespace

Findings find_configuration(const SplatRegistry& registry, const Proportions& proportions,
                            const CheckSettings& settings, std::size_t tokens, std::size_t masked) {
    Findings found;
    const auto n = static_cast<double>(std::max<std::size_t>(tokens, 1));
    hold_proportions(registry, proportions, found);
    hold_settings(settings, static_cast<double>(registry.size()) / n,
                  static_cast<double>(masked) / n, found);
    hold_levels(registry, settings.mask, found);
    return found;
}

double MemoryNeed::bytes() const {
    const auto n = static_cast<double>(tokens);
    const double columns = static_cast<double>(splats) + 1.0;
    const double number = storage == Storage::float32   ? 4.0
                          : storage == Storage::float16 ? 2.0
                                                        : 1.0;
    const double sides = causal ? 3.0 : 2.0;
    const double sums = 2.0 * (n / 64.0 + 1.0) * columns * 8.0;
    const double shown = sides * n * columns * number + sums;
    const double beside = sides * n * columns * number;  // of a cycle
    const double input = static_cast<double>(blocks + 2) * n * static_cast<double>(dimension) * 4.0;
    const double target = (static_cast<double>(probe_rows) + 256.0) * n * 4.0;
    return shown + beside + input + target;
}

Findings find_memory(const MemoryNeed& need, const CheckSettings& settings) {
    Findings found;
    const double bytes = need.bytes();
    const auto machine = static_cast<double>(settings.machine_bytes);
    const double budget =
        settings.compute.memory > 0.0 ? settings.compute.memory * kGiB : machine / 2.0;
    if (!(budget > 0.0)) return found;  // nothing is known to hold it against
    found.checks.push_back(
        {FindingKind::memory, "GiB, of the budget", bytes / kGiB, budget / kGiB});
    if (settings.machine_bytes > 0)
        found.checks.push_back(
            {FindingKind::memory, "GiB, of the machine", bytes / kGiB, machine / kGiB});
    const bool over_machine = settings.machine_bytes > 0 && bytes > machine;
    if (!over_machine && bytes <= budget) return found;
    found.findings.push_back(
        {FindingKind::memory,
         over_machine ? Severity::fault : Severity::warning,
         {"", {}, {}, "factor"},
         {{"GiB", bytes / kGiB, (over_machine ? machine : budget) / kGiB}},
         fmt::format("{} tokens and {} splats need about {:.3g} GiB, {} {:.3g}.", need.tokens,
                     need.splats, bytes / kGiB, over_machine ? "the machine has" : "the budget is",
                     (over_machine ? machine : budget) / kGiB),
         need.storage == Storage::logarithmic ? "" : "set compute.storage 8bit"});
    return found;
}

}  // namespace hsa
