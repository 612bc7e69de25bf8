#pragma once

#include "engine/explain/expression.h"
#include "engine/snapshot.h"

#include <vector>

namespace hsa {

// What an expression may ask of a splat, by rows of the registry: id, level, name, parent (an id,
// no value without one), children, and splat_properties(). Empty where there are no splats yet. The
// snapshot must outlive the fields.
[[nodiscard]] std::vector<Field> splat_fields(const Snapshot& snapshot);

// What it may ask of a token: index, text, length (in letters), begin, end (bytes), sentence,
// paragraph, section (numbers) and heading (its words); the properties that came with the data,
// each as NAME and as data.NAME, those whose name means something of this list as data.NAME alone;
// and token_properties() where attention could be computed. Empty without data.
[[nodiscard]] std::vector<Field> token_fields(const Snapshot& snapshot);

// What it may ask of an event of the history, by number: event (the number), cycle, kind, level,
// text, by, accepted (yes, no), trigger, d, se, objective before and after, tokens (how many),
// before and after (ids of splats) and decided by. Empty without a history.
[[nodiscard]] std::vector<Field> event_fields(const Snapshot& snapshot);

}  // namespace hsa
