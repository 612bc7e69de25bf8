#include "engine/adapt/quotas.h"

#include "engine/adapt/level_settings.h"

#include <algorithm>
#include <optional>

namespace hsa {
namespace {

std::size_t index_of(EventKind kind) {
    return static_cast<std::size_t>(std::find(kTurns.begin(), kTurns.end(), kind) - kTurns.begin());
}

std::array<int, 5> numbers(const Rates& rates) {
    return {rates.death, rates.merge, rates.mitosis, rates.birth, rates.accepted};
}

}  // namespace

Rates rates_of(const AdaptSettings& settings) {
    const bool fast = settings.preset == Preset::fast;
    Rates rates;
    rates.death = settings.rate_death.value_or(fast ? 3 : 2);
    rates.merge = settings.rate_merge.value_or(fast ? 2 : 1);
    rates.mitosis = settings.rate_mitosis.value_or(fast ? 3 : 2);
    rates.birth = settings.rate_birth.value_or(fast ? 2 : 1);
    rates.accepted = settings.max_events.value_or(fast ? 6 : 4);
    return rates;
}

Quotas::Quotas(const AdaptSettings& settings, const Hierarchy& hierarchy) {
    left_.push_back(numbers(rates_of(settings)));
    for (std::size_t l = 0; l < hierarchy.size(); ++l) {
        place_.emplace_back();
        left_.push_back(numbers(rates_of(at_level(settings, hierarchy.levels[l].name))));
        const auto own = settings.level.find(hierarchy.levels[l].name);
        if (own == settings.level.end()) continue;
        const LevelAdapt& here = own->second;
        const std::array<std::optional<int>, kKinds + 1> given = {
            here.rate_death, here.rate_merge, here.rate_mitosis, here.rate_birth, here.max_events};
        for (std::size_t e = 0; e < given.size(); ++e)
            if (given[e]) place_[l][e] = 1 + l;
    }
}

bool Quotas::open(EventKind kind, std::size_t level) const {
    const std::size_t e = index_of(kind);
    return left_[place_[level][e]][e] > 0 && left_[place_[level][kKinds]][kKinds] > 0;
}

void Quotas::tried(EventKind kind, std::size_t level) {
    const std::size_t e = index_of(kind);
    --left_[place_[level][e]][e];
}

void Quotas::accepted(std::size_t level) { --left_[place_[level][kKinds]][kKinds]; }

}  // namespace hsa
