#pragma once

#include "engine/adapt/edits.h"

namespace hsa {

// apply_edit() of splats that were fitted to a head: split, merge, remove, move, and add from a
// selection of tokens. The objective is row-KL on V, near and far together, plus lambda a splat.
// A move of d' numbers moves the keys (in the form shared both sides), of 2 d' the keys, then the
// queries of the form paired. An added splat stands for the chosen keys; in the form paired its
// queries are those whose target goes there. Throws Error where HeadContext does and for edits
// that belong to the form token.
[[nodiscard]] CycleResult apply_head_edit(Backend& backend, const AdaptInput& input,
                                          const AdaptState& state, const Edit& edit,
                                          const Work& work);

}  // namespace hsa
