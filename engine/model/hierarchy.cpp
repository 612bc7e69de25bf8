#include "engine/model/hierarchy.h"

#include "engine/core/error.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace hsa {
namespace {

constexpr std::size_t kDefaultLevels = 4;
constexpr std::array<const char*, kDefaultLevels> kNames = {"Token", "Phrase", "Section",
                                                            "Document"};
constexpr std::array<double, kDefaultLevels> kShortWeights = {0.4, 0.3, 0.2, 0.1};
constexpr std::array<double, kDefaultLevels> kLongWeights = {0.25, 0.25, 0.25, 0.25};
constexpr std::size_t kLongText = 2000;

void check_weight(const Level& level) {
    if (!std::isfinite(level.weight) || level.weight < 0.0)
        fail("Level {} has the weight {}: a weight must be a finite number of at least 0.",
             level.name, level.weight);
}

}  // namespace

std::optional<std::size_t> Hierarchy::index_of(std::string_view name) const {
    for (std::size_t l = 0; l < levels.size(); ++l)
        if (levels[l].name == name) return l;
    return std::nullopt;
}

double Hierarchy::share(std::size_t level) const {
    double total = 0.0;
    for (const Level& each : levels) total += each.weight;
    return total > 0.0 ? levels[level].weight / total : 0.0;
}

void Hierarchy::insert(std::size_t index, Level level) {
    check_weight(level);
    if (index_of(level.name)) fail("There is a level {} already; names must differ.", level.name);
    if (index > levels.size())
        fail("A level cannot be put at place {}: there are {} levels.", index, levels.size());
    levels.insert(levels.begin() + static_cast<std::ptrdiff_t>(index), std::move(level));
}

void Hierarchy::remove(std::size_t index) {
    if (index >= levels.size()) fail("There is no level {} to remove.", index);
    if (levels.size() == 1) fail("Level {} is the only one and stays.", levels[0].name);
    levels.erase(levels.begin() + static_cast<std::ptrdiff_t>(index));
}

Hierarchy default_hierarchy(std::size_t tokens) { return make_hierarchy(kDefaultLevels, tokens); }

Hierarchy make_hierarchy(std::size_t count, std::size_t tokens) {
    if (count == 0) fail("A hierarchy needs at least one level.");
    const auto& weights = tokens >= kLongText ? kLongWeights : kShortWeights;
    Hierarchy hierarchy;
    for (std::size_t l = 0; l < count; ++l) {
        Level level;
        const double place = count == 1 ? 0.0
                                        : static_cast<double>(l) * (kDefaultLevels - 1) /
                                              static_cast<double>(count - 1);
        const auto below = std::min(static_cast<std::size_t>(place), kDefaultLevels - 2);
        const double t = place - static_cast<double>(below);
        level.weight = (1.0 - t) * weights[below] + t * weights[below + 1];
        if (count <= kDefaultLevels)
            level.name = kNames[static_cast<std::size_t>(std::lround(place))];
        else level.name = l < kDefaultLevels ? kNames[l] : "Level " + std::to_string(l + 1);
        hierarchy.levels.push_back(std::move(level));
    }
    return hierarchy;
}

}  // namespace hsa
