#include "engine/recover/detect.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace hsa {
namespace {

constexpr std::size_t kNamed = 4;
constexpr double kMostSumError = 1e-3;
constexpr double kMostPackedSumError = 5e-2;  // few bits a number

std::string ids_text(const std::vector<SplatId>& ids) {
    std::string text = ids.size() == 1 ? "Splat " : "Splats ";
    for (std::size_t i = 0; i < std::min(kNamed, ids.size()); ++i)
        text += fmt::format("{}{}", i == 0 ? "" : ", ", ids[i]);
    if (ids.size() > kNamed) text += fmt::format(" and {} more", ids.size() - kNamed);
    return text;
}

std::string level_name(const SplatRegistry& registry, std::size_t level) {
    return level < registry.hierarchy.size() ? registry.hierarchy.levels[level].name : "no level";
}

std::vector<SplatId> ids_of(const std::vector<StrangeSplat>& strange) {
    std::vector<SplatId> ids;
    ids.reserve(strange.size());
    for (const StrangeSplat& splat : strange) ids.push_back(splat.id);
    std::sort(ids.begin(), ids.end());
    return ids;
}

// The level they all are of, or empty.
std::string common_level(const SplatRegistry& registry, const std::vector<SplatId>& ids) {
    std::string name;
    for (const SplatId id : ids) {
        const std::string own = level_name(registry, registry.level[registry.row(id)]);
        if (!name.empty() && own != name) return "";
        name = own;
    }
    return name;
}

const char* has(const std::vector<SplatId>& ids) { return ids.size() == 1 ? "has" : "have"; }

void add_sums(const FactorHealth& health, Storage storage, Findings& found) {
    const double limit = storage == Storage::float32 ? kMostSumError : kMostPackedSumError;
    const double worst = std::max(health.row_sum_error, health.key_sum_error);
    const auto broken = static_cast<double>(health.not_finite);
    found.checks.push_back(
        {FindingKind::numbers, "row sums of P, away from 1", health.row_sum_error, limit});
    found.checks.push_back(
        {FindingKind::numbers, "sums of K, away from 1", health.key_sum_error, limit});
    found.checks.push_back({FindingKind::numbers, "not finite in P and K", broken, 0.0});
    if (health.not_finite > 0)
        found.findings.push_back(
            {FindingKind::numbers,
             Severity::fault,
             {"", {}, health.faulty_rows, "factor"},
             {{"not_finite", broken, 0.0}},
             fmt::format("{} numbers of P and K are not finite.", health.not_finite),
             "recover.repair numbers"});
    if (worst > limit)
        found.findings.push_back(
            {FindingKind::numbers,
             Severity::warning,
             {"", {}, health.faulty_rows, "factor"},
             {{"row_sum_error", health.row_sum_error, limit},
              {"key_sum_error", health.key_sum_error, limit}},
             fmt::format("Rows of P or splats' K do not sum to 1: they are {:.2g} off.", worst),
             "set compute.precision double"});
}

}  // namespace

Findings find_numbers(const SplatRegistry& registry, const Proportions& proportions,
                      const FactorHealth* health, Storage storage) {
    Findings found;
    const std::vector<SplatId> unsound = unsound_splats(registry);
    const bool background =
        registry.background_log_weight && std::isnan(*registry.background_log_weight);
    const double count = static_cast<double>(unsound.size()) + (background ? 1.0 : 0.0);
    found.checks.push_back({FindingKind::numbers, "splats with unsound numbers", count, 0.0});
    if (!unsound.empty())
        found.findings.push_back(
            {FindingKind::numbers,
             Severity::fault,
             {common_level(registry, unsound), unsound, {}, "adapt"},
             {{"splats", static_cast<double>(unsound.size()), 0.0}},
             fmt::format("{} {} numbers that are not finite, or a width that is not above 0.",
                         ids_text(unsound), has(unsound)),
             "recover.repair numbers"});
    if (background)
        found.findings.push_back({FindingKind::numbers,
                                  Severity::fault,
                                  {"", {}, {}, "adapt"},
                                  {{"background_log_weight", *registry.background_log_weight, 0.0}},
                                  "The weight of the background is not a number.",
                                  "recover.repair numbers"});
    found.checks.push_back({FindingKind::numbers, "widest over narrowest axis",
                            proportions.condition, kMostCondition});
    if (!proportions.conditions.empty()) {
        const std::vector<SplatId> ids = ids_of(proportions.conditions);
        found.findings.push_back(
            {FindingKind::numbers,
             Severity::warning,
             {common_level(registry, ids), ids, {}, "adapt"},
             {{"condition", proportions.condition, kMostCondition}},
             fmt::format("{} {} axes of which one is {:.1e} times as wide as another: single "
                         "precision cannot hold both.",
                         ids_text(ids), has(ids), std::sqrt(proportions.condition)),
             "recover.repair widths"});
    }
    if (health != nullptr) add_sums(*health, storage, found);
    return found;
}

Findings find_empty_levels(const SplatRegistry& registry) {
    Findings found;
    const std::vector<std::size_t> empty = empty_levels(registry);
    double fewest = registry.size() > 0 ? static_cast<double>(registry.size()) : 0.0;
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l)
        fewest = std::min(fewest, static_cast<double>(registry.count(l)));
    found.checks.push_back(
        {FindingKind::empty_level, "splats of the smallest level", fewest, 1.0, true});
    for (const std::size_t level : empty) {
        std::vector<SplatId> silent;
        for (const std::size_t row : registry.rows_of_level(level))
            silent.push_back(registry.id[row]);
        const std::string name = level_name(registry, level);
        found.findings.push_back(
            {FindingKind::empty_level,
             Severity::fault,
             {name, silent, {}, "adapt"},
             {{"splats", 0.0, 1.0}},
             silent.empty()
                 ? fmt::format("{} has no splat: its share of attention goes to the others.", name)
                 : fmt::format("No splat of {} has an amplitude above 0.", name),
             "recover.repair empty"});
    }
    return found;
}

Findings find_orphans(const SplatRegistry& registry, const ParentOverlap* overlap) {
    Findings found;
    const std::vector<BrokenLink> broken = broken_links(registry);
    found.checks.push_back({FindingKind::orphans, "without a parent one level up",
                            static_cast<double>(broken.size()), 0.0});
    std::map<std::uint16_t, std::vector<SplatId>> levels;
    for (const BrokenLink& link : broken) levels[link.level].push_back(link.id);
    for (const auto& [level, ids] : levels)
        found.findings.push_back(
            {FindingKind::orphans,
             Severity::fault,
             {level_name(registry, level), ids, {}, "adapt"},
             {{"orphans", static_cast<double>(ids.size()), 0.0}},
             fmt::format("{} of {} {} a parent that is none, or is not one level up.",
                         ids_text(ids), level_name(registry, level), has(ids)),
             "recover.repair orphans"});
    if (overlap == nullptr) return found;
    const Misplaced away = misplaced(registry, *overlap);
    const double worst =
        away.shares.empty() ? 0.0 : *std::max_element(away.shares.begin(), away.shares.end());
    found.checks.push_back(
        {FindingKind::orphans, "share of a level that is misplaced", worst, kMostMisplaced});
    for (std::size_t l = 0; l < away.shares.size(); ++l) {
        if (!(away.shares[l] > kMostMisplaced)) continue;
        std::vector<SplatId> ids;
        for (const SplatId id : away.splats)
            if (registry.level[registry.row(id)] == l) ids.push_back(id);
        found.findings.push_back(
            {FindingKind::orphans,
             Severity::warning,
             {level_name(registry, l), ids, {}, "adapt"},
             {{"misplaced_share", away.shares[l], kMostMisplaced}},
             fmt::format("{:.0f} % of {} lie under parents that have less than half the overlap "
                         "of the best: the tree does not follow the data.",
                         100.0 * away.shares[l], level_name(registry, l)),
             "recover.repair orphans"});
    }
    return found;
}

}  // namespace hsa
