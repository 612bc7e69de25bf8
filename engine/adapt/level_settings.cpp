#include "engine/adapt/level_settings.h"

namespace hsa {

AdaptSettings at_level(const AdaptSettings& settings, const std::string& level) {
    AdaptSettings own = settings;
    own.level.clear();
    const auto found = settings.level.find(level);
    if (found == settings.level.end()) return own;
    const LevelAdapt& here = found->second;
    const auto take = [](const auto& value, auto& common) {
        if (value) common = *value;
    };
    take(here.rate_death, own.rate_death);
    take(here.rate_merge, own.rate_merge);
    take(here.rate_mitosis, own.rate_mitosis);
    take(here.rate_birth, own.rate_birth);
    take(here.max_events, own.max_events);
    take(here.lambda, own.lambda);
    take(here.learning_rate, own.learning_rate);
    take(here.cooldown, own.cooldown);
    return own;
}

std::vector<double> level_rates(const AdaptSettings& settings, const Hierarchy& hierarchy) {
    std::vector<double> rates;
    for (const Level& level : hierarchy.levels)
        rates.push_back(at_level(settings, level.name).learning_rate);
    return rates;
}

std::vector<double> level_lambdas(const AdaptSettings& settings, const Hierarchy& hierarchy) {
    std::vector<double> lambdas;
    for (const Level& level : hierarchy.levels)
        lambdas.push_back(at_level(settings, level.name).lambda);
    return lambdas;
}

}  // namespace hsa
