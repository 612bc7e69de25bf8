#pragma once

#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/model/selection.h"
#include "engine/snapshot.h"

#include <nlohmann/json.hpp>

#include <cstddef>

namespace hsa {

// The results of commands.md as JSON, one function a result. The snapshot must hold what the answer is
// about (factors and measures for all but dataset, stages, history and health). Values are in the units of
// commands.md; NaN and infinity become null. Throws Error where an index does not exist.
[[nodiscard]] nlohmann::json answer_cell(const Snapshot& snapshot, std::size_t i, std::size_t j);
[[nodiscard]] nlohmann::json answer_block(const Snapshot& snapshot, const Block& block);
[[nodiscard]] nlohmann::json answer_token(const Snapshot& snapshot, std::size_t token);
[[nodiscard]] nlohmann::json answer_splat(const Snapshot& snapshot, SplatId splat);
[[nodiscard]] nlohmann::json answer_event(const Snapshot& snapshot, std::size_t index, Backend& backend,
                                          const Work& work);
[[nodiscard]] nlohmann::json answer_pairs(const Snapshot& snapshot, std::size_t count);
[[nodiscard]] nlohmann::json answer_level(const Snapshot& snapshot, std::size_t level);

[[nodiscard]] nlohmann::json answer_dataset(const Snapshot& snapshot);
[[nodiscard]] nlohmann::json answer_measures(const Snapshot& snapshot);
[[nodiscard]] nlohmann::json answer_factors(const Snapshot& snapshot);
[[nodiscard]] nlohmann::json answer_stages(const Snapshot& snapshot);
[[nodiscard]] nlohmann::json answer_history(const Snapshot& snapshot);
[[nodiscard]] nlohmann::json answer_health(const Snapshot& snapshot);

}  // namespace hsa
