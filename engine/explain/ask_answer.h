#pragma once

#include "engine/core/work.h"
#include "engine/explain/ask.h"
#include "engine/model/settings.h"
#include "engine/snapshot.h"

#include <nlohmann/json.hpp>

#include <span>
#include <string>

namespace hsa {

// explain.ask as JSON: the places that were asked ([a, b] each), `within`, the mean `splats`, the
// tokens `to` and `from`, each {token, value, times, context, parts, others}, where `parts` are the
// largest that make .8 of the value and `others` is the rest of it, and the `links_to` and
// `links_from` beyond `beyond` tokens, each {i, j, distance, value, splats}. `row_steps` names what
// the settings do after A, null where they do nothing. Needs data and factors; throws Error and
// Cancelled as ask().
[[nodiscard]] nlohmann::json answer_ask(const Snapshot& snapshot, std::span<const Range> places,
                                        const AskWanted& wanted, const AttentionSettings& settings,
                                        const Work& work);

}  // namespace hsa
