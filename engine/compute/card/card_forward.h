#pragma once

#include "engine/compute/card/card.h"
#include "engine/compute/card/card_splats.h"
#include "engine/compute/card/card_uploads.h"
#include "engine/core/work.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// Backend::key_sums(), Backend::outputs() and Backend::best_splats() on a card, block by block.
[[nodiscard]] KeySums sums_on_card(Card& card, CardUploads& uploads, const CardSplats& bound,
                                   MatrixView<const float> x, std::span<const float> log_row_weight,
                                   MatrixView<const float> values, const Work& work);
[[nodiscard]] std::vector<std::uint32_t> outputs_on_card(Card& card, CardUploads& uploads,
                                                         std::span<const QueryColumns> parts,
                                                         MatrixView<float> out, const Work& work);
// Columns of each part lie side by side.
void best_on_card(Card& card, CardUploads& uploads, std::span<const ScoredColumns> parts,
                  std::span<const float> shift, const BestColumns& out, const Work& work);

}  // namespace hsa
