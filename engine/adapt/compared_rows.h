#pragma once

#include "engine/adapt/level_attention.h"
#include "engine/compute/backend.h"

namespace hsa {

// Rows of a level's attention held against their target [r, m] by a card: what `out` asks for.
// False where no card does it, or where the product is so small that a call takes longer than it:
// nothing is written then.
[[nodiscard]] bool compare_on_card(Backend& backend, const LevelKeys& keys, const LevelRows& rows,
                                   MatrixView<const float> target, const RowComparison& out);

// The same of keys that are formed there: rows x of `columns` in all.
[[nodiscard]] bool compare_on_card(Backend& backend, const BoundSplats& splats,
                                   MatrixView<const float> x, std::span<const double> log_mass,
                                   std::size_t columns, const LevelRows& rows,
                                   MatrixView<const float> target, const RowComparison& out);

}  // namespace hsa
