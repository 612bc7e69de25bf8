#pragma once

#include "engine/attention/sparse_factors.h"
#include "engine/model/factors.h"

#include <memory>
#include <string>

namespace hsa {

// Sparse factors as Factors, for whatever reads these: memory stays that of what is kept. What
// every key drops of a splat is taken off that splat's shares and is in the background's, so that
// rows of P and columns of K sum to 1 and every cell is the one of cell_parts(SparseFactors).
// row_bound is the largest of a row; estimated sparse factors are marked approximate. Throws Error
// where there is no background to take a share that no key of a row's splats takes.
[[nodiscard]] Factors factors_of(const std::shared_ptr<const SparseFactors>& sparse);

// "16 splats a token keep 99.1 % of the mass: a row is off by 0.018 at most (L1)": what the screen
// says.
[[nodiscard]] std::string sparse_sentence(const SparseFactors& sparse);

}  // namespace hsa
