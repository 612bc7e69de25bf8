#pragma once

#include "engine/model/coordinates.h"
#include "engine/model/dataset.h"
#include "engine/model/settings.h"

#include <cstddef>
#include <memory>

namespace hsa {

// The data with the head that the settings name, sharing everything else: vectors that are the keys
// of a head become those of this one, and `hash` and, where they do, `embedding_id` tell the heads
// of a file apart. Data without several heads are returned as they are. Throws Error where there is
// no such layer or head, saying how many there are.
[[nodiscard]] std::shared_ptr<const Dataset> with_head(std::shared_ptr<const Dataset> dataset,
                                                       const EmbedSettings& settings);

// Throws Error where data with heads have no such layer or head, saying how many there are.
void check_head(const Dataset& dataset, HeadIndex at);

// with_head() for a head that is there; data without several heads as they are.
[[nodiscard]] std::shared_ptr<const Dataset> head_data(
    const std::shared_ptr<const Dataset>& dataset, HeadIndex at);

// The form that attention is read in: the one asked for; else shared for a head, token for rows
// that ask and are asked.
[[nodiscard]] Form form_of(const Dataset& dataset, const AttentionSettings& settings);

// The coordinates of the forms shared and paired: queries and keys as the head has them, or the
// embeddings, centred and of length sqrt(d), as both; times d^(-1/4), so that q . k is the logit
// (rulings.md "One function score(i,j)"). Never smoothed; one block serves every level. Throws
// Error when a number is not finite (row and column).
[[nodiscard]] Coordinates head_coordinates(const Dataset& dataset, std::size_t levels);

}  // namespace hsa
