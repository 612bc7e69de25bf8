#pragma once

#include "engine/model/dataset.h"
#include "engine/model/text_pieces.h"

namespace hsa {

// Gives the tokens of a text the structure that its pieces have: every piece with a token is a
// section under its title, in place of what headings made, and a token has its piece's properties.
// One piece alone keeps its headings. `dataset` holds the tokens of `pieces.text`.
void divide_by_pieces(const TextPieces& pieces, Dataset& dataset);

}  // namespace hsa
