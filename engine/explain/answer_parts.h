#pragma once

#include "engine/attention/cells.h"
#include "engine/core/range.h"
#include "engine/explain/cards.h"
#include "engine/explain/structure_agreement.h"
#include "engine/model/mark.h"
#include "engine/snapshot.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string_view>

namespace hsa {

// The pieces that the answers share, as commands.md "Results" has them.

// {"command", "version", "mark"}.
[[nodiscard]] nlohmann::json result_json(std::string_view command, Mark mark);
// The mark of what follows from the factors: approximate while they are of sampled rows only.
[[nodiscard]] Mark factor_mark(const Snapshot& snapshot);
// {"index", "text", "begin", "end"}; begin and end are null where there is no text.
[[nodiscard]] nlohmann::json token_json(const Snapshot& snapshot, std::size_t token);
// [a, b].
[[nodiscard]] nlohmann::json range_json(const Range& range);
// The id, or "background".
[[nodiscard]] nlohmann::json splat_json(SplatId splat);
// The level's name; null for the background.
[[nodiscard]] nlohmann::json level_json(const Snapshot& snapshot, std::uint16_t level);
// [{"splat", "level", "p", "k", "value"}].
[[nodiscard]] nlohmann::json parts_json(const Snapshot& snapshot, const CellParts& cell);
// [{"token", "value", "splat"}].
[[nodiscard]] nlohmann::json weighted_json(const Snapshot& snapshot,
                                           const std::vector<WeightedToken>& tokens);
// {"sentences": {"information", "boundary_f1", "f1_by_chance", "tolerance"}, ..., "dependencies"}:
// those that the text has.
[[nodiscard]] nlohmann::json structure_json(const StructureAgreement& structure);
[[nodiscard]] nlohmann::json maybe_json(const std::optional<double>& value);

}  // namespace hsa
