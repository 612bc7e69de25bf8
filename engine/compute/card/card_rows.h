#pragma once

#include "engine/compute/card/card.h"
#include "engine/compute/card/card_splats.h"
#include "engine/compute/card/card_uploads.h"
#include "engine/compute/row_passes.h"
#include "engine/core/work.h"

#include <span>

namespace hsa {

// Backend::rectangle_means() on a card; false where it has not got the rows.
[[nodiscard]] bool rectangles_on_card(Card& card, CardUploads& uploads, const RangesOfRows& p,
                                      const RangesOfRows& k, std::span<const std::uint32_t> chosen,
                                      MatrixView<float> out, const Work& work);

// Backend::moments() and, on a card that compares rows, Backend::compare_rows(), block by block:
// `splats` are those of the rows or null.
void moments_on_card(Card& card, MatrixView<const float> weight, MatrixView<const float> beside,
                     MatrixView<double> out, const Work& work);
void compare_on_card(Card& card, CardUploads& uploads, const ComparedRows& rows,
                     const CardSplats* splats, const RowComparison& out, const Work& work);

}  // namespace hsa
