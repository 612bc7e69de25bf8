#include "engine/recover/detect.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace hsa {
namespace {

constexpr std::size_t kFewSplats = 4;  // below, one splat may well have a level
constexpr double kMostOfLevel = 0.95;
constexpr double kLeastRowEntropy = 0.1;  // of the target's rows
constexpr double kLeastEffective = 1.05;  // tokens a row attends to, without a target
constexpr double kTellingTarget = 0.05;   // nats: rows of a flatter target may well be alike
constexpr double kLeastTold = 0.01;       // information over ln k
constexpr double kLeastOfAbove = 0.1;
constexpr double kLeastOfShare = 0.01;

// What a level alone says about a token, in nats: its part of I(token; splat) over its share.
double information_of(const LevelMeasures& level) {
    return level.usage > 0.0 ? level.information / level.usage : 0.0;
}

}  // namespace

Findings find_collapse(const SplatRegistry& registry, const Measures& measures) {
    Findings found;
    double most_of_level = 0.0;
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l) {
        const std::vector<std::size_t> rows = registry.rows_of_level(l);
        double sum = 0.0;
        std::optional<std::size_t> top;
        for (const std::size_t row : rows) {
            sum += measures.usage[row];
            if (!top || measures.usage[row] > measures.usage[*top]) top = row;
        }
        if (rows.size() < kFewSplats || !(sum > 0.0)) continue;
        const double share = measures.usage[*top] / sum;
        most_of_level = std::max(most_of_level, share);
        if (share <= kMostOfLevel) continue;
        const std::string& name = registry.hierarchy.levels[l].name;
        found.findings.push_back(
            {FindingKind::collapse,
             Severity::fault,
             {name, {registry.id[*top]}, {}, "factor"},
             {{"share_of_level", share, kMostOfLevel}},
             fmt::format("Splat {} takes {:.1f} % of all attention of {}, which has {} splats.",
                         registry.id[*top], 100.0 * share, name, rows.size()),
             "recover.repair rebalance"});
    }
    found.checks.push_back(
        {FindingKind::collapse, "one splat's share of its level", most_of_level, kMostOfLevel});
    const auto n = static_cast<double>(std::max<std::size_t>(measures.tokens, 1));
    if (measures.tokens < 2) return found;
    // The target's own rows: KL(T | uniform) is ln n less their entropy.
    const double rows_entropy = measures.reference_kl ? std::log(n) - *measures.reference_kl : 0.0;
    const double least =
        std::max(std::log(kLeastEffective), kLeastRowEntropy * std::max(rows_entropy, 0.0));
    found.checks.push_back(
        {FindingKind::collapse, "row entropy, nats", measures.row_entropy_mean, least, true});
    if (measures.row_entropy_mean < least && rows_entropy > least)
        found.findings.push_back(
            {FindingKind::collapse,
             Severity::warning,
             {"", {}, {}, "factor"},
             {{"row_entropy", measures.row_entropy_mean, least}},
             fmt::format("A row of attention rests on {:.2f} tokens; the target's on {:.0f}.",
                         std::exp(measures.row_entropy_mean), std::exp(rows_entropy)),
             "reset attention.temperature"});
    const auto k = static_cast<double>(measures.splats);
    if (k < 2.0) return found;
    const double told = measures.information_total / std::log(k);
    const bool telling = !measures.reference_kl || *measures.reference_kl > kTellingTarget;
    found.checks.push_back(
        {FindingKind::collapse, "information over ln k", told, kLeastTold, true});
    if (telling && told < kLeastTold)
        found.findings.push_back(
            {FindingKind::collapse,
             Severity::warning,
             {"", {}, {}, "factor"},
             {{"information_over_ln_k", told, kLeastTold}},
             fmt::format("All rows are alike: which splats a token asks says {:.2g} nats about it "
                         "(ln k is {:.2g}).",
                         measures.information_total, std::log(k)),
             "splats.calibrate"});
    return found;
}

Findings find_bottleneck(const SplatRegistry& registry, const Measures& measures) {
    Findings found;
    double least_told = 1.0;
    double least_of_above = 1.0;
    double least_of_share = 1.0;
    const auto warn = [&](const LevelMeasures& level, const char* name, double value, double limit,
                          std::string text, std::string command) {
        found.findings.push_back({FindingKind::bottleneck,
                                  Severity::warning,
                                  {level.name, {}, {}, "measure"},
                                  {{name, value, limit}},
                                  std::move(text),
                                  std::move(command)});
    };
    for (std::size_t l = 0; l < measures.levels.size(); ++l) {
        const LevelMeasures& level = measures.levels[l];
        const double share = registry.hierarchy.share(l);
        if (!(share > 0.0) || level.splats == 0) continue;
        const double of_share = level.usage / share;
        least_of_share = std::min(least_of_share, of_share);
        if (of_share < kLeastOfShare) {
            warn(level, "usage_over_share", of_share, kLeastOfShare,
                 fmt::format("{} carries {:.2g} of attention where {:.2g} is its share.",
                             level.name, level.usage, share),
                 "splats.calibrate");
            continue;  // what so little says is noise
        }
        if (level.splats < 2) continue;
        const double told = information_of(level) / std::log(static_cast<double>(level.splats));
        least_told = std::min(least_told, told);
        if (told < kLeastTold) {
            warn(level, "information_over_ln_k", told, kLeastTold,
                 fmt::format("{} lets next to nothing through: its {} splats tell {:.2g} nats "
                             "about a token.",
                             level.name, level.splats, information_of(level)),
                 "recover.repair rebalance");
            continue;
        }
        if (l + 1 >= measures.levels.size() || measures.levels[l + 1].splats < 2) continue;
        const double above = information_of(measures.levels[l + 1]);
        const double above_share = registry.hierarchy.share(l + 1);
        if (!(above > 0.0) || measures.levels[l + 1].usage < kLeastOfShare * above_share) continue;
        const double of_above = information_of(level) / above;
        least_of_above = std::min(least_of_above, of_above);
        if (of_above < kLeastOfAbove)
            warn(level, "information_over_level_above", of_above, kLeastOfAbove,
                 fmt::format("{} tells {:.2g} nats about a token, {} above it {:.2g}: the finer "
                             "level adds nothing.",
                             level.name, information_of(level), measures.levels[l + 1].name, above),
                 "recover.repair rebalance");
    }
    found.checks.push_back({FindingKind::bottleneck, "information of a level over ln k", least_told,
                            kLeastTold, true});
    found.checks.push_back({FindingKind::bottleneck, "information over the level above",
                            least_of_above, kLeastOfAbove, true});
    found.checks.push_back({FindingKind::bottleneck, "usage of a level over its share",
                            least_of_share, kLeastOfShare, true});
    return found;
}

}  // namespace hsa
