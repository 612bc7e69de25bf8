#pragma once

#include "engine/model/hierarchy.h"
#include "engine/model/settings.h"

#include <string>
#include <vector>

namespace hsa {

// The settings as one level has them: what adapt.level.<Name> says in the place of the common ones.
[[nodiscard]] AdaptSettings at_level(const AdaptSettings& settings, const std::string& level);

// adapt.learning_rate of each level: [levels].
[[nodiscard]] std::vector<double> level_rates(const AdaptSettings& settings,
                                              const Hierarchy& hierarchy);

// adapt.lambda of each level: [levels].
[[nodiscard]] std::vector<double> level_lambdas(const AdaptSettings& settings,
                                                const Hierarchy& hierarchy);

}  // namespace hsa
