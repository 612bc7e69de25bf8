#pragma once

#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/explain/compare.h"
#include "engine/explain/flow.h"
#include "engine/explain/output_chain.h"
#include "engine/model/selection.h"
#include "engine/snapshot.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace hsa {

// The results of commands.md as JSON, one function a result: explain.* here, print NAME below (but
// for splats, which is the file of splats.save). The snapshot must hold what the answer is about
// (factors and measures for all but dataset, stages, history and health). Values are in the units
// of commands.md; NaN and infinity become null. Throws Error where an index does not exist.
// Cell and block are of A = P K; where `settings` has row steps (attention/finish.h), "finished"
// names them and has the mean after them, null where that would need too many rows.
[[nodiscard]] nlohmann::json answer_cell(const Snapshot& snapshot, std::size_t i, std::size_t j,
                                         const AttentionSettings& settings, const Work& work);
[[nodiscard]] nlohmann::json answer_block(const Snapshot& snapshot, const Block& block,
                                          const AttentionSettings& settings, const Work& work);
[[nodiscard]] nlohmann::json answer_token(const Snapshot& snapshot, std::size_t token);
[[nodiscard]] nlohmann::json answer_splat(const Snapshot& snapshot, SplatId splat,
                                          const Work& work);
// `line`: the event as events.save writes it.
[[nodiscard]] nlohmann::json answer_event(const Snapshot& snapshot, std::size_t index,
                                          const nlohmann::json& line, Backend& backend,
                                          const Work& work);
[[nodiscard]] nlohmann::json answer_pairs(const Snapshot& snapshot, std::size_t count,
                                          const Work& work);
[[nodiscard]] nlohmann::json answer_level(const Snapshot& snapshot, std::size_t level);
// A token's output as a chain of splats and tokens that sums (output_chain.h); through the head's
// values or, where there are none, the embeddings ("values" says which).
[[nodiscard]] nlohmann::json answer_output(const Snapshot& snapshot, std::size_t token,
                                           std::optional<std::size_t> component);
[[nodiscard]] nlohmann::json output_json(const Snapshot& snapshot, const OutputChain& chain,
                                         bool own_values);
// Where attention goes (flow.h).
[[nodiscard]] nlohmann::json answer_flow(const Snapshot& snapshot, const Work& work);
[[nodiscard]] nlohmann::json answer_flow(const Snapshot& snapshot, const Flow& flow);
// `with` says what the snapshot was compared with: "cycle 3", a path.
[[nodiscard]] nlohmann::json answer_compare(const Snapshot& snapshot, const std::string& with,
                                            const Comparison& comparison);
// Where they differ most, in sentences: by distance, by level, and the rows that differ most.
[[nodiscard]] std::vector<std::string> comparison_words(const Snapshot& snapshot,
                                                        const Comparison& comparison);

[[nodiscard]] nlohmann::json answer_dataset(const Snapshot& snapshot);
[[nodiscard]] nlohmann::json answer_measures(const Snapshot& snapshot);
[[nodiscard]] nlohmann::json answer_factors(const Snapshot& snapshot);
[[nodiscard]] nlohmann::json answer_stages(const Snapshot& snapshot);
// The cursor, the last cycle, events counted by kind, and the measures of every cycle.
[[nodiscard]] nlohmann::json answer_history(const Snapshot& snapshot);
// What can be wrong with a picture: dead splats, uneven use of a level (Gini), sums that are not 1,
// empty rows, numbers that are not finite, notes and the last error.
[[nodiscard]] nlohmann::json answer_health(const Snapshot& snapshot);

}  // namespace hsa
