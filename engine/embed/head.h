#pragma once

#include "engine/model/coordinates.h"
#include "engine/model/dataset.h"
#include "engine/model/settings.h"

#include <cstddef>

namespace hsa {

// The form that attention is read in: the one asked for; else shared for a head, token for rows
// that ask and are asked.
[[nodiscard]] Form form_of(const Dataset& dataset, const AttentionSettings& settings);

// The coordinates of the forms shared and paired: queries and keys as the head has them, or the
// embeddings, centred and of length sqrt(d), as both; times d^(-1/4), so that q . k is the logit
// (rulings.md "One function score(i,j)"). Never smoothed; one block serves every level. Throws
// Error when a number is not finite (row and column).
[[nodiscard]] Coordinates head_coordinates(const Dataset& dataset, std::size_t levels);

}  // namespace hsa
