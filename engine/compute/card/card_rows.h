#pragma once

#include "engine/compute/card/card.h"
#include "engine/compute/card/card_splats.h"
#include "engine/compute/card/card_uploads.h"
#include "engine/compute/row_passes.h"
#include "engine/core/work.h"

#include <span>

namespace hsa {

// RowPasses::rectangle_means() on a card; false where it has not got the rows.
[[nodiscard]] bool rectangles_on_card(Card& card, CardUploads& uploads, const RangesOfRows& p,
                                      const RangesOfRows& k, std::span<const std::uint32_t> chosen,
                                      MatrixView<float> out, const Work& work);

// The other RowPasses, block by block, on a card that has them: `splats` are those of the compared
// rows or null.
void moments_on_card(Card& card, MatrixView<const float> weight, MatrixView<const float> beside,
                     MatrixView<double> out, const Work& work);
void compare_on_card(Card& card, CardUploads& uploads, const ComparedRows& rows,
                     const CardSplats* splats, const RowComparison& out, const Work& work);
void past_on_card(Card& card, const PastRows& rows, MatrixView<float> out, const Work& work);
void totals_on_card(Card& card, const ScoredRows& rows, std::span<double> out, const Work& work);
void slopes_on_card(Card& card, const SlopeRows& rows, const SlopeSums& out, const Work& work);

}  // namespace hsa
