#include "engine/level_advice.h"

#include "engine/adapt/level_edits.h"
#include "engine/adapt/level_optimise.h"
#include "engine/core/json_number.h"
#include "engine/core/stratified.h"
#include "engine/explain/answer_parts.h"
#include "engine/explain/level_effect.h"
#include "engine/explain/structure_agreement.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

namespace hsa {
namespace {

using nlohmann::json;

constexpr std::size_t kLevelLimit = 128;  // rulings.md: a level holds twice its start, or this
constexpr double kSameLength = 2.0;       // factor within which a level is of a part's length

// In percent, without an exponent where it is large.
std::string change_text(double change) {
    const double percent = 100.0 * change;
    return std::abs(percent) < 99.5 ? fmt::format("{:+.2g}", percent)
                                    : fmt::format("{:+.0f}", percent);
}

// As a word of a command line.
std::string quoted(const std::string& name) {
    if (name.find_first_of(" \t'\"\\#$") == std::string::npos) return name;
    std::string out = "'";
    for (const char c : name) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

// How many splats each level started with, where a state near the shown cycle says so.
std::vector<std::size_t> starting_splats(const Snapshot& snapshot) {
    const std::size_t levels = snapshot.registry->hierarchy.size();
    if (snapshot.history)
        for (std::int32_t c = snapshot.cycle; c >= 0; --c) {
            const auto& state = snapshot.history->cycles[static_cast<std::size_t>(c)]->state;
            if (!state) continue;
            if (state->starting_splats.size() == levels) return state->starting_splats;
            break;
        }
    std::vector<std::size_t> counts(levels);
    for (std::size_t l = 0; l < levels; ++l) counts[l] = snapshot.registry->count(l);
    return counts;
}

// Part of the levels' row-KL that each carries in a cycle; empty where it was not measured.
std::vector<double> error_shares(const CycleMeasures& measures,
                                 std::span<const LevelAdvice::Of> levels) {
    std::vector<double> shares;
    double sum = 0.0;
    for (const LevelAdvice::Of& level : levels) {
        const auto l = measures.level_of(level.name);
        if (!l || *l >= measures.level_row_kl.size() || *l >= measures.usage.size()) return {};
        shares.push_back(measures.usage[*l] * measures.level_row_kl[*l]);
        sum += shares.back();
    }
    if (!(sum > 0.0)) return {};
    for (double& each : shares) each /= sum;
    return shares;
}

// A level that is muted would seem to do nothing.
std::vector<bool> levels_without_mass(const Factors& factors, std::size_t levels) {
    constexpr std::size_t kRows = 64;
    std::vector<bool> without(levels, true);
    for (const std::uint32_t i : stratified_rows(factors.tokens(), kRows)) {
        const FactorRow p = factors.p.row(i);
        for (std::size_t c = 0; c < factors.columns(); ++c)
            if (factors.level[c] < levels && p[c] > 0.0F) without[factors.level[c]] = false;
    }
    return without;
}

void look_at_parts(const Snapshot& snapshot, const Work& work, LevelAdvice& advice) {
    const Structure& structure = snapshot.dataset->structure;
    struct Kind {
        const char* name;
        const std::vector<std::uint32_t>& parts;  // [tokens]
        std::optional<PartAgreement> StructureAgreement::*of;
    };
    const std::array<Kind, 3> kinds = {{
        {"sentence", structure.sentence, &StructureAgreement::sentence},
        {"paragraph", structure.paragraph, &StructureAgreement::paragraph},
        {"section", structure.section, &StructureAgreement::section},
    }};
    std::vector<StructureAgreement> agreements;
    for (std::size_t l = 0; l < advice.levels.size(); ++l) {
        work.check();
        agreements.push_back(structure_agreement(*snapshot.dataset, *snapshot.factors, l));
    }
    const auto n = static_cast<double>(snapshot.dataset->size());
    for (const Kind& kind : kinds) {
        LevelAdvice::Parts found;
        for (std::size_t l = 0; l < agreements.size(); ++l) {
            const std::optional<PartAgreement>& with = agreements[l].*kind.of;
            if (!with || (!found.best_level.empty() && with->information <= found.agreement))
                continue;
            found.agreement = with->information;
            found.best_level = advice.levels[l].name;
        }
        if (found.best_level.empty()) continue;  // fewer than two such parts
        found.kind = kind.name;
        found.count = std::size_t{1} + *std::max_element(kind.parts.begin(), kind.parts.end());
        found.tokens = n / static_cast<double>(found.count);
        for (LevelAdvice::Of& level : advice.levels)
            if (level.name == found.best_level && found.agreement >= kAgrees)
                level.speaks_for.push_back(found.kind);
        advice.parts.push_back(std::move(found));
    }
}

std::string add_command(const SplatRegistry& registry, const std::string& name, std::size_t index) {
    const auto& levels = registry.hierarchy.levels;
    return index == 0 ? fmt::format("levels.add {} before {}", quoted(name), quoted(levels[0].name))
                      : fmt::format("levels.add {} after {}", quoted(name),
                                    quoted(levels[index - 1].name));
}

// Of the levels that no parts of the text speak for, the one that is missed least.
const LevelAdvice::Of* least_missed(const LevelAdvice& advice) {
    const LevelAdvice::Of* least = nullptr;
    for (const LevelAdvice::Of& level : advice.levels)
        if (level.row_kl_without && level.speaks_for.empty() &&
            (least == nullptr || *level.row_kl_without < *least->row_kl_without))
            least = &level;
    return advice.levels.size() > 1 ? least : nullptr;
}

void suggest_by_effect(LevelAdvice& advice) {
    const LevelAdvice::Of* const least = least_missed(advice);
    if (least == nullptr) return;
    const double rise = *least->row_kl_without / *advice.row_kl - 1.0;
    if (!(rise <= kLevelShare)) return;
    advice.suggestions.push_back(
        {LevelSuggestion::By::effect,
         false,
         fmt::format("{} can go: without it row-KL changes by {} %, at most {:+.0f} % is "
                     "little.",
                     least->name, change_text(rise), 100.0 * kLevelShare),
         "levels.remove " + quoted(least->name),
         {{"row-KL without, change", rise, kLevelShare}}});
}

void suggest_by_error(const Snapshot& snapshot, LevelAdvice& advice) {
    const SplatRegistry& registry = *snapshot.registry;
    const std::size_t levels = advice.levels.size();
    if (!snapshot.history || levels < 2) return;
    const double high = kErrorShare / static_cast<double>(levels);
    for (std::size_t l = 0; l < levels; ++l) {
        const LevelAdvice::Of& level = advice.levels[l];
        if (level.splats < level.most || !level.error_share) continue;
        double lowest = *level.error_share;
        std::size_t cycles = 0;
        for (std::int32_t c = snapshot.cycle; c >= 0 && cycles < kErrorCycles; --c, ++cycles) {
            const std::vector<double> shares = error_shares(
                snapshot.history->cycles[static_cast<std::size_t>(c)]->measures, advice.levels);
            if (shares.empty()) break;
            lowest = std::min(lowest, shares[l]);
        }
        if (cycles < kErrorCycles || lowest < high) continue;
        advice.suggestions.push_back(
            {LevelSuggestion::By::error,
             true,
             fmt::format("{} holds the {} splats it may and has carried at least {:.0f} % of the "
                         "error for {} cycles, an even share is {:.0f} %: a level beside it can "
                         "take some.",
                         level.name, level.splats, 100.0 * lowest, kErrorCycles,
                         100.0 / static_cast<double>(levels)),
             add_command(registry, free_level_name(registry.hierarchy), l + 1),
             {{"error_share", lowest, high},
              {"splats", static_cast<double>(level.splats), static_cast<double>(level.most)}}});
    }
}

void suggest_by_content(const Snapshot& snapshot, LevelAdvice& advice) {
    const SplatRegistry& registry = *snapshot.registry;
    const CoordinateRecipe* const recipe = registry.coordinates.get();
    if (recipe == nullptr || recipe->levels.size() != advice.levels.size()) return;
    for (const LevelAdvice::Parts& parts : advice.parts) {
        if (parts.agreement >= kAgrees) continue;
        // Even weights over so many tokens have this standard deviation.
        const double wanted = parts.tokens / std::sqrt(12.0);
        std::size_t index = 0;
        bool there = false;
        for (const LevelCoordinates& level : recipe->levels) {
            if (level.h <= wanted) ++index;
            there = there ||
                    (level.h > 0.0 && std::abs(std::log(level.h / wanted)) < std::log(kSameLength));
        }
        const NewLevel made =
            level_between(registry, *snapshot.coordinates, snapshot.dataset->ordered, index);
        const bool hits =
            made.h > 0.0 && std::abs(std::log(made.h / wanted)) < std::log(kSameLength);
        if (there || !hits) continue;
        std::string name = parts.kind;
        name[0] = static_cast<char>(name[0] - 'a' + 'A');
        if (registry.hierarchy.index_of(name)) name = free_level_name(registry.hierarchy);
        advice.suggestions.push_back(
            {LevelSuggestion::By::content,
             true,
             fmt::format("The text has {} {}s of {:.0f} tokens, which no level is smoothed over; "
                         "{} agrees with them most, by {:.2f}, {:.2f} would be much.",
                         parts.count, parts.kind, parts.tokens, parts.best_level, parts.agreement,
                         kAgrees),
             add_command(registry, name, index),
             {{"agreement", parts.agreement, kAgrees}, {"smoothing", made.h, wanted}}});
    }
}

void suggest_by_length(const Snapshot& snapshot, LevelAdvice& advice) {
    const auto levels = static_cast<double>(advice.levels.size());
    const double wanted = std::round(advice.by_length);
    if (wanted == levels) return;
    const SplatRegistry& registry = *snapshot.registry;
    const std::string counted = fmt::format(
        "{} tokens want 1 + log_{:.0f}(n / {:.0f}) = {:.1f} levels, there are {}", advice.tokens,
        kLevelFactor, kLevelLength, advice.by_length, advice.levels.size());
    std::vector<Reason> reasons = {{"levels", levels, advice.by_length}};
    if (wanted > levels) {
        advice.suggestions.push_back(
            {LevelSuggestion::By::length, true, counted + ".",
             add_command(registry, free_level_name(registry.hierarchy), widest_gap(registry)),
             std::move(reasons)});
        return;
    }
    const LevelAdvice::Of* const least = least_missed(advice);
    if (least == nullptr) return;
    const std::string command = "levels.remove " + quoted(least->name);
    const auto same = std::find_if(
        advice.suggestions.begin(), advice.suggestions.end(),
        [&](const LevelSuggestion& suggestion) { return suggestion.command == command; });
    if (same != advice.suggestions.end()) {
        same->text += fmt::format(" And {}.", counted);
        same->decided_by.insert(same->decided_by.end(), reasons.begin(), reasons.end());
        return;
    }
    reasons.push_back({"row-KL without", *least->row_kl_without, *advice.row_kl});
    advice.suggestions.push_back(
        {LevelSuggestion::By::length, false,
         fmt::format("{}; without {} row-KL changes least, by {} %.", counted, least->name,
                     change_text(*least->row_kl_without / *advice.row_kl - 1.0)),
         command, std::move(reasons)});
}

}  // namespace

const char* name_of(LevelSuggestion::By by) {
    switch (by) {
        case LevelSuggestion::By::length: return "length";
        case LevelSuggestion::By::content: return "content";
        case LevelSuggestion::By::effect: return "effect";
        case LevelSuggestion::By::error: return "error";
    }
    return "";
}

std::vector<std::string> levels_of_parts(const Snapshot& snapshot, const Work& work) {
    LevelAdvice advice;
    for (const Level& level : snapshot.registry->hierarchy.levels)
        advice.levels.emplace_back().name = level.name;
    look_at_parts(snapshot, work, advice);
    std::vector<std::string> names;
    for (const LevelAdvice::Of& level : advice.levels)
        if (!level.speaks_for.empty()) names.push_back(level.name);
    return names;
}

LevelAdvice level_advice(const Snapshot& snapshot, const Work& work) {
    const SplatRegistry& registry = *snapshot.registry;
    LevelAdvice advice;
    advice.tokens = snapshot.dataset->size();
    advice.by_length = levels_by_length(advice.tokens);
    const std::vector<std::size_t> start = starting_splats(snapshot);
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l) {
        LevelAdvice::Of level;
        level.name = registry.hierarchy.levels[l].name;
        level.splats = registry.count(l);
        level.most = std::min(std::max(2 * start[l], kLevelLimit),
                              std::max<std::size_t>(advice.tokens / 4, 1));
        if (registry.coordinates && l < registry.coordinates->levels.size())
            level.smoothing = registry.coordinates->levels[l].h;
        advice.levels.push_back(std::move(level));
    }
    if (snapshot.history) {
        const std::vector<double> shares = error_shares(
            snapshot.history->cycles[static_cast<std::size_t>(snapshot.cycle)]->measures,
            advice.levels);
        for (std::size_t l = 0; l < shares.size(); ++l) advice.levels[l].error_share = shares[l];
    }
    if (snapshot.target) {
        const LevelEffects effects =
            level_effects(*snapshot.factors, *snapshot.target, advice.levels.size(), work);
        advice.row_kl = effects.row_kl;
        advice.exact = effects.exact;
        const std::vector<bool> muted =
            levels_without_mass(*snapshot.factors, advice.levels.size());
        for (std::size_t l = 0; l < advice.levels.size(); ++l)
            if (!muted[l]) advice.levels[l].row_kl_without = effects.without[l];
    }
    look_at_parts(snapshot, work, advice);
    if (registry.form != Form::token) return advice;
    suggest_by_effect(advice);
    suggest_by_error(snapshot, advice);
    suggest_by_content(snapshot, advice);
    suggest_by_length(snapshot, advice);
    return advice;
}

std::vector<LevelSuggestion> within(const LevelAdvice& advice, std::size_t least,
                                    std::size_t most) {
    std::vector<LevelSuggestion> some;
    const std::size_t levels = advice.levels.size();
    for (const LevelSuggestion& each : advice.suggestions)
        if (each.adds ? levels < std::min(most, kMostLevels)
                      : levels > std::max<std::size_t>(least, 1))
            some.push_back(each);
    return some;
}

json answer_level_advice(const LevelAdvice& advice, std::size_t least, std::size_t most) {
    json answer = result_json("levels.suggest", advice.exact ? Mark::exact : Mark::approximate);
    answer["tokens"] = advice.tokens;
    answer["by_length"] = json_number(advice.by_length);
    answer["least"] = least;
    answer["most"] = most;
    answer["row_kl"] = maybe_json(advice.row_kl);
    answer["parts"] = json::array();
    for (const LevelAdvice::Parts& parts : advice.parts)
        answer["parts"].push_back({{"kind", parts.kind},
                                   {"count", parts.count},
                                   {"tokens", json_number(parts.tokens)},
                                   {"best_level", parts.best_level},
                                   {"agreement", json_number(parts.agreement)}});
    answer["levels"] = json::array();
    for (const LevelAdvice::Of& level : advice.levels)
        answer["levels"].push_back({{"name", level.name},
                                    {"splats", level.splats},
                                    {"most", level.most},
                                    {"smoothing", maybe_json(level.smoothing)},
                                    {"error_share", maybe_json(level.error_share)},
                                    {"row_kl_without", maybe_json(level.row_kl_without)},
                                    {"speaks_for", level.speaks_for}});
    answer["suggestions"] = json::array();
    for (const LevelSuggestion& each : within(advice, least, most)) {
        json reasons = json::array();
        for (const Reason& reason : each.decided_by)
            reasons.push_back({{"name", reason.name},
                               {"value", json_number(reason.value)},
                               {"threshold", json_number(reason.threshold)}});
        answer["suggestions"].push_back({{"by", name_of(each.by)},
                                         {"adds", each.adds},
                                         {"text", each.text},
                                         {"command", each.command},
                                         {"decided_by", std::move(reasons)}});
    }
    return answer;
}

}  // namespace hsa
