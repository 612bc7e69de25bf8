#pragma once

#include "engine/model/dataset.h"
#include "engine/model/history.h"

#include <nlohmann/json.hpp>

#include <string>

namespace hsa {

// One event as commands.md "Events" has it.
[[nodiscard]] nlohmann::ordered_json event_json(const Event& event);

// Every event and refused trial of the history, in order, one JSON object a line.
[[nodiscard]] std::string write_events(const History& history);

// One line a token: index, text, begin and end in bytes of the text, sentence, paragraph, section;
// null where the data have no text.
[[nodiscard]] std::string write_tokens(const Dataset& dataset);

}  // namespace hsa
