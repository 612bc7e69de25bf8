#pragma once

#include "engine/adapt/level_attention.h"
#include "engine/compute/backend.h"

namespace hsa {

// Whether a card compares rows, and so many that a call is not longer than the work itself.
[[nodiscard]] bool worth_sending(const Backend& backend, const LevelRows& rows,
                                 std::size_t columns);

// Rows of a level's attention held against their target [r, m] by a card: what `out` asks for.
// False where that is not worth sending, or the card fails: all of it is the CPU's then.
[[nodiscard]] bool compare_on_card(Backend& backend, const LevelKeys& keys, const LevelRows& rows,
                                   MatrixView<const float> target, const RowComparison& out);

// The same of keys that are formed there: rows x of `columns` in all.
[[nodiscard]] bool compare_on_card(Backend& backend, const BoundSplats& splats,
                                   MatrixView<const float> x, std::span<const double> log_mass,
                                   std::size_t columns, const LevelRows& rows,
                                   MatrixView<const float> target, const RowComparison& out);

}  // namespace hsa
