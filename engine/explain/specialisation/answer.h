#pragma once

#include "engine/explain/specialisation/specialisation.h"
#include "engine/snapshot.h"

#include <nlohmann/json.hpp>

#include <optional>

namespace hsa {

// [{"name", "confidence", "lift", "share", "share_in_text", "tokens"}].
[[nodiscard]] nlohmann::json specialisation_json(const Snapshot& snapshot,
                                                 const SplatSpecialisation& splat);

// explain.specialisation: {"tried", "words_tried", "splats": [{"splat", "level", "name",
// "effective_tokens", "specialisation"}]} of one splat or of all, by rising id, the background, if
// there is one, last. Throws Error when there is no such splat; Cancelled.
[[nodiscard]] nlohmann::json answer_specialisation(const Snapshot& snapshot,
                                                   std::optional<SplatId> splat, const Work& work);

}  // namespace hsa
