#pragma once

#include "engine/attention/picture.h"

#include <cstddef>
#include <vector>

namespace hsa {

// Fills picture.mean with what no cell of a pixel exceeds, of the given columns of the factors:
// sum_s max_i w_is max_j k_js, and the exact pairs where there are any. The picture's edges are
// set. O(n c + pixels c).
void bound_picture(const Factors& factors, const std::vector<std::size_t>& columns,
                   Picture& picture, const Work& work);

}  // namespace hsa
