#pragma once

#include "engine/attention/picture.h"

#include <cstddef>
#include <vector>

namespace hsa {

// Fills picture.mean with the exact means of a causal A over its pixels, of the given columns of
// the factors (rulings.md "What the map shows" (b)): one product for the pixels below the diagonal,
// tile sums for those on it, zero above. The picture's edges are set. The product is computed by
// `backend` where there is one, else by the CPU.
void causal_picture(const Factors& factors, const TileSums& sums,
                    const std::vector<std::size_t>& columns, Picture& picture, const Work& work,
                    Backend* backend);

}  // namespace hsa
