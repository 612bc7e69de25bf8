#pragma once

#include "engine/adapt/propose.h"

#include <optional>

namespace hsa {

// Removes the splat of lowest usage, when that is below the level's mean. At least two stay.
[[nodiscard]] std::optional<Proposal> propose_death(const LevelPool& level,
                                                    const Eligibility& eligible);

}  // namespace hsa
