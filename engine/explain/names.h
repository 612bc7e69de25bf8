#pragma once

#include "engine/model/dataset.h"
#include "engine/model/factors.h"

#include <string>
#include <vector>

namespace hsa {

// Names by the types with the largest K(type) ln(K(type) / share(type)), without stop words, single
// letters, numbers and punctuation (defaults.md "Names"): up to `words` words a splat, [c] in the
// order of the factors' columns; "background" for the background; "splat 17" where the data have no
// words. No two splats have the same words: the later id takes its next best, or else its id: "tar
// archive (17)".
[[nodiscard]] std::vector<std::string> splat_names(const Dataset& dataset, const Factors& factors,
                                                   std::size_t words);

}  // namespace hsa
