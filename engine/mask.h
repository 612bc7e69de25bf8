#pragma once

#include "engine/core/range.h"
#include "engine/model/coordinates.h"
#include "engine/model/dataset.h"

#include <memory>
#include <string>
#include <vector>

namespace hsa {

// A copy of the coordinates, sharing their blocks, with the tokens masked that `attention.mask`
// names and those that the file's own mask hides. Throws Error for a range beyond the tokens and
// when no token is left.
[[nodiscard]] std::shared_ptr<const Coordinates> with_mask(const Coordinates& coordinates,
                                                           const Dataset& dataset,
                                                           const std::vector<Range>& mask);

// "12 tokens masked: ...": what the screen says of them.
[[nodiscard]] std::string mask_sentence(const Coordinates& coordinates, bool causal);

}  // namespace hsa
